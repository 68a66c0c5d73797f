package dev.samgs.connectors.snapshot;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fetches models that were too large for their topic from the snapshot store. Implement it for
 * stores that are no file system; the follower compares what it returns with what was promised.
 */
@FunctionalInterface
public interface ClaimChecks {
  /** Reads {@code file:} addresses. */
  ClaimChecks FILES = ClaimChecks::read;

  /**
   * The bytes of the model.
   *
   * @throws IOException if they cannot be had now; the follower tries again
   */
  byte[] fetch(ClaimCheck claim) throws IOException;

  private static byte[] read(ClaimCheck claim) throws IOException {
    URI uri;
    try {
      uri = new URI(claim.uri());
    } catch (URISyntaxException e) {
      throw new IOException("'" + claim.uri() + "' is not an address", e);
    }
    if (!"file".equals(uri.getScheme()) || uri.getPath() == null) {
      throw new IOException(
          "only file: addresses can be read here, not "
              + claim.uri()
              + "; mount the store as files");
    }
    Path file = Path.of(uri.getPath());
    if (Files.size(file) != claim.bytes()) {
      throw new IOException(
          file + " holds " + Files.size(file) + " bytes, but should hold " + claim.bytes());
    }
    return Files.readAllBytes(file);
  }
}
