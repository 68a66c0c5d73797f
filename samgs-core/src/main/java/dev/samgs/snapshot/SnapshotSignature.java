package dev.samgs.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ed25519 signatures (RFC 8032) of snapshots. What is signed are the headers, the SHA-256 of the
 * model among them, so that neither the model nor what is said about it can be exchanged: for every
 * header whose name begins with {@code samgs.}, except the signature's own, in the order of the
 * names' code units, the name and the value, each in UTF-8 with its length in bytes in front
 * (big-endian, four bytes).
 *
 * <p>Keys are PEM files as OpenSSL writes them: {@code openssl genpkey -algorithm ed25519 -out
 * samgs.key} (PKCS#8) and {@code openssl pkey -in samgs.key -pubout -out samgs.pub} (X.509).
 */
public final class SnapshotSignature {
  private static final String ALGORITHM = "Ed25519";
  private static final String PREFIX = "samgs.";

  private SnapshotSignature() {}

  /**
   * Reads the key to sign with.
   *
   * @throws IOException if the file cannot be read or is not such a key; the message says what to
   *     do
   */
  public static PrivateKey privateKey(Path pem) throws IOException {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePrivate(new PKCS8EncodedKeySpec(der(pem, "PRIVATE KEY")));
    } catch (GeneralSecurityException e) {
      throw notAKey(pem, "private key; make one with: openssl genpkey -algorithm ed25519", e);
    }
  }

  /**
   * Reads a key to verify with.
   *
   * @throws IOException if the file cannot be read or is not such a key; the message says what to
   *     do
   */
  public static PublicKey publicKey(Path pem) throws IOException {
    try {
      return KeyFactory.getInstance(ALGORITHM)
          .generatePublic(new X509EncodedKeySpec(der(pem, "PUBLIC KEY")));
    } catch (GeneralSecurityException e) {
      throw notAKey(pem, "public key; derive it with: openssl pkey -in samgs.key -pubout", e);
    }
  }

  private static byte[] der(Path pem, String label) throws IOException {
    String text = Files.readString(pem, StandardCharsets.US_ASCII);
    String begin = "-----BEGIN " + label + "-----";
    int from = text.indexOf(begin);
    int to = text.indexOf("-----END " + label + "-----");
    if (from < 0 || to < from) {
      throw new IOException(pem + " holds no '" + begin + "'; it must be a PEM file of one");
    }
    try {
      return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    } catch (IllegalArgumentException e) {
      throw notAKey(pem, label.toLowerCase(java.util.Locale.ROOT), e);
    }
  }

  private static IOException notAKey(Path pem, String what, Exception cause) {
    return new IOException(pem + " is not an Ed25519 " + what, cause);
  }

  /** The signature of a snapshot's headers, in Base64. */
  public static String sign(PrivateKey key, Map<String, String> headers) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(key);
      signature.update(signed(headers));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a snapshot could not be signed", e);
    }
  }

  /** Whether the headers carry a signature of theirs that was made with that key's other half. */
  public static boolean verifies(PublicKey key, Map<String, String> headers) {
    String base64 = headers.get(Provenance.SIGNATURE);
    if (base64 == null) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initVerify(key);
      signature.update(signed(headers));
      return signature.verify(Base64.getDecoder().decode(base64));
    } catch (SignatureException | IllegalArgumentException e) {
      // Not the form of a signature at all.
      return false;
    } catch (InvalidKeyException e) {
      throw new IllegalArgumentException("the key is not an Ed25519 public key", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform since 15 has Ed25519", e);
    }
  }

  private static byte[] signed(Map<String, String> headers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (Map.Entry<String, String> header : new TreeMap<>(headers).entrySet()) {
        String name = header.getKey();
        if (name.startsWith(PREFIX) && !name.equals(Provenance.SIGNATURE)) {
          write(out, name);
          write(out, header.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory could not be written", e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
