package dev.samgs.deploy.console;

import dev.samgs.deploy.Chromium;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/**
 * Makes pictures of a running console as soon as it shows a drift, at the widths of a desk and of a
 * phone, in light and dark; {@code docs/screenshots} runs it.
 */
public final class Screenshots {
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private Screenshots() {}

  /**
   * @param args address of the console with the model that is to be seen, and a directory
   */
  public static void main(String[] args) throws Exception {
    URI page = URI.create(args[0]);
    Path directory = Files.createDirectories(Path.of(args[1]));
    HttpRequest live = HttpRequest.newBuilder(page.resolve("/health/live")).build();
    Awaitility.await("the console")
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                HttpClient.newHttpClient().send(live, BodyHandlers.discarding()).statusCode()
                    == 200);
    Path profile = Files.createTempDirectory("chromium");
    try (Chromium chromium = new Chromium(Chromium.installed().orElseThrow(), profile)) {
      for (boolean dark : new boolean[] {false, true}) {
        String colours = dark ? "dark" : "light";
        chromium.emulate(1440, 1000, false, dark);
        picture(chromium, page, directory.resolve("console-" + colours + ".png"));
        if (!dark) {
          chromium.evaluate("document.getElementById('h-gradients').scrollIntoView()");
          chromium.evaluate("scrollBy(0, -80)");
          Files.write(directory.resolve("console-gradients.png"), chromium.screenshot());
        }
        chromium.emulate(390, 844, true, dark);
        picture(chromium, page, directory.resolve("console-phone-" + colours + ".png"));
      }
    }
  }

  private static void picture(Chromium chromium, URI page, Path file) throws Exception {
    // Leaving for an empty page first: another size alone would not load it again.
    chromium.open(URI.create("about:blank"));
    chromium.open(page);
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () ->
                chromium
                    .evaluate("document.querySelectorAll('#scores path.alarm').length > 0")
                    .asBoolean());
    Files.write(file, chromium.screenshot());
  }
}
