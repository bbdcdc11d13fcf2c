package dev.lease.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A certificate authority of a test, and certificates of 127.0.0.1 that it signs. The JDK's keytool
 * makes them.
 */
final class TestCertificates {

  private static final String PASSWORD = "password";

  private final Path directory;
  private final Path store;

  TestCertificates(Path directory) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    this.store = directory.resolve("keys.p12");
    make("authority", "-ext", "bc:c");
  }

  /** Makes a key and a certificate that the authority signs, and writes both as PEM files. */
  void issue(String name) throws IOException, InterruptedException, GeneralSecurityException {
    make(name, "-signer", "authority", "-ext", "san=ip:127.0.0.1");
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    write(authorities(), "CERTIFICATE", keys.getCertificate("authority").getEncoded());
    Certificate certificate = keys.getCertificate(name);
    write(certificate(name), "CERTIFICATE", certificate.getEncoded());
    write(key(name), "PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded());
  }

  Path authorities() {
    return directory.resolve("authorities.pem");
  }

  Path certificate(String name) {
    return directory.resolve(name + ".pem");
  }

  Path key(String name) {
    return directory.resolve(name + "-key.pem");
  }

  private static void write(Path file, String kind, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n", US_ASCII);
  }

  private void make(String name, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", name, "-dname", "CN=" + name));
    command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", PASSWORD));
    command.addAll(List.of(options));
    Path log = directory.resolve("log");
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(log.toFile()))
            .start();
    assertThat(keytool.waitFor()).as(Files.readString(log)).isZero();
  }
}
