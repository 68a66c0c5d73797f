package dev.samgs.deploy.report;

import dev.samgs.deploy.evaluate.Comparison;
import dev.samgs.deploy.evaluate.Course;
import dev.samgs.deploy.evaluate.Sweep;
import dev.samgs.deploy.evaluate.TaskFigures;
import dev.samgs.spec.ModelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Evaluations as one HTML page that holds everything it shows: style, script and drawings. It loads
 * nothing and sends nothing; its content security policy forbids both. One section to a stream.
 */
public final class Report {
  private static final String FILE = "index.html";

  /**
   * One evaluated stream.
   *
   * @param data the file
   * @param conditions under which it was evaluated, in words: what the labels did, how long it took
   * @param yaml a configuration with the model as it was evaluated
   * @param tried the sweep that this was the best combination of; null without one
   */
  public record Run(
      String data,
      List<String> conditions,
      ModelSpec spec,
      Map<String, TaskFigures> figures,
      long rows,
      Course course,
      String yaml,
      Tried tried) {}

  /**
   * A sweep and what came of it.
   *
   * @param comparison of the combinations, in their order
   */
  public record Tried(Sweep sweep, Comparison comparison) {}

  private final String command;
  private final List<Run> runs = new ArrayList<>();

  /**
   * @param command what was typed, so that the page can be made again
   */
  public Report(String command) {
    this.command = command;
  }

  /** Adds a section. */
  public void add(Run run) {
    runs.add(run);
  }

  /**
   * Writes the page into a directory, which is made if need be.
   *
   * @return the file
   */
  public Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve(FILE);
    Files.writeString(file, html(), StandardCharsets.UTF_8);
    return file;
  }

  String html() {
    Markup page = new Markup();
    page.raw("<!doctype html>\n").open("html", "lang", "en").open("head");
    page.empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:");
    page.empty("meta", "name", "color-scheme", "content", "light dark");
    page.empty("link", "rel", "icon", "href", "data:,");
    page.element("title", title());
    page.open("style").raw(resource("report.css")).close();
    page.close();
    page.open("body");
    page.open("header").element("h1", title());
    page.open("p", "class", "lead")
        .text(
            "Every row was predicted before its labels were used. The baseline is the mean, or the"
                + " most frequent class, of the labels so far.")
        .close();
    page.open("p", "class", "command").element("code", command).close();
    if (runs.size() > 1) {
      contents(page);
    }
    page.close();
    page.open("main");
    for (int i = 0; i < runs.size(); i++) {
      new RunSection(runs.get(i), "stream-" + (i + 1)).write(page);
    }
    page.close();
    page.open("script").raw(resource("report.js")).close();
    page.close().close();
    return page.toString();
  }

  private String title() {
    return runs.size() == 1
        ? "Evaluation of " + name(runs.get(0))
        : "Evaluation of " + runs.size() + " streams";
  }

  private void contents(Markup page) {
    page.open("nav", "aria-label", "Streams").open("ul");
    for (int i = 0; i < runs.size(); i++) {
      Map<String, TaskFigures> figures = runs.get(i).figures();
      long better = figures.values().stream().filter(TaskFigures::beatsBaseline).count();
      page.open("li").element("a", name(runs.get(i)), "href", "#stream-" + (i + 1));
      page.text(" – " + better + " of " + figures.size() + " tasks better than the baseline");
      page.close();
    }
    page.close().close();
  }

  /** The file's name without its directory. */
  static String name(Run run) {
    return String.valueOf(Path.of(run.data()).getFileName());
  }

  private static String resource(String name) {
    try (InputStream in = Report.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
