package dev.samgs.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.samgs.connectors.snapshot.SnapshotRecord;
import dev.samgs.deploy.terminal.Figures;
import dev.samgs.deploy.terminal.Terminal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a snapshot to a file. */
@Command(
    name = "export",
    sortOptions = false,
    description = {"Writes a published model, verified, to an ONNX file.", ""})
final class SnapshotExportCommand implements Callable<Integer> {
  private final Terminal out;

  @Mixin private SnapshotSource source;

  @Parameters(paramLabel = SnapshotSource.REFERENCE, description = "The snapshot.")
  private String reference;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "File to write; replaced in one step if it exists.")
  private Path to;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for one object (default: ${DEFAULT-VALUE}).")
  private OutputFormat output;

  SnapshotExportCommand(Terminal out) {
    this.out = out;
  }

  @Override
  public Integer call() throws Exception {
    SnapshotRecord snapshot = source.find(reference);
    Path file = to.toAbsolutePath();
    Path part = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try {
      Files.write(part, snapshot.onnx());
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    if (output == OutputFormat.JSON) {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      json.put("model", snapshot.model());
      json.put("version", snapshot.version());
      json.put("file", to.toString());
      json.put("bytes", snapshot.onnx().length);
      out.print(json.toString());
    } else {
      out.print(
          "version "
              + snapshot.version()
              + " of "
              + snapshot.model()
              + " is in "
              + to
              + " ("
              + Figures.bytes(snapshot.onnx().length)
              + ")");
    }
    return 0;
  }
}
