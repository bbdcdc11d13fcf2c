package dev.lease.redis;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisCredentialsProvider.ImmediateRedisCredentialsProvider;
import io.lettuce.core.SslOptions;
import io.lettuce.core.StaticCredentialsProvider;
import java.net.PasswordAuthentication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What lets a store in, beside its URI.
 *
 * @param authorities the file of the authorities that sign the certificates of servers
 * @param certificate the file of the certificate that is shown to servers
 * @param key the file of its private key; set if and only if the certificate is
 * @param credentials takes the place of the credentials in the URI
 */
record RedisAccess(
    @Nullable Path authorities,
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Supplier<PasswordAuthentication> credentials) {

  /** Nothing beside the URI. */
  static final RedisAccess OF_URI = new RedisAccess(null, null, null, null);

  RedisAccess withAuthorities(Path file) {
    return new RedisAccess(file, certificate, key, credentials);
  }

  RedisAccess withClientCertificate(Path certificate, Path key) {
    return new RedisAccess(authorities, certificate, key, credentials);
  }

  RedisAccess withCredentials(Supplier<PasswordAuthentication> supplier) {
    return new RedisAccess(authorities, certificate, key, supplier);
  }

  boolean needsTls() {
    return authorities != null || certificate != null;
  }

  /**
   * Checks the files, so that a wrong name is told before a server is asked.
   *
   * @throws IllegalArgumentException if one cannot be read
   */
  void check() {
    check("certificates of the authorities", authorities);
    check("certificate", certificate);
    check("key", key);
  }

  private static void check(String name, @Nullable Path file) {
    if (file != null && !(Files.isRegularFile(file) && Files.isReadable(file))) {
      throw new IllegalArgumentException(name + " must be a file that can be read, was " + file);
    }
  }

  /**
   * Lettuce reads the files again for each connection.
   *
   * @param timeout how long a server may take to answer in TLS
   */
  SslOptions sslOptions(Duration timeout) {
    SslOptions.Builder options = SslOptions.builder().handshakeTimeout(timeout);
    if (authorities != null) {
      options.trustManager(authorities.toFile());
    }
    if (certificate != null && key != null) {
      options.keyManager(certificate.toFile(), key.toFile(), null);
    }
    return options.build();
  }

  /**
   * Gives Lettuce credentials that are known at once. Otherwise it would continue on another
   * thread, and could hand out a connection before that accepts commands.
   *
   * @param ofUri the credentials in the URI
   */
  RedisCredentialsProvider provider(RedisCredentialsProvider ofUri) {
    if (credentials == null) {
      return new StaticCredentialsProvider(ofUri.resolveCredentials().block());
    }
    ImmediateRedisCredentialsProvider asked = this::supplied;
    return asked;
  }

  private RedisCredentials supplied() {
    PasswordAuthentication now = credentials == null ? null : credentials.get();
    if (now == null) {
      throw new IllegalStateException("the supplier of the credentials returned null");
    }
    return RedisCredentials.just(now.getUserName(), now.getPassword());
  }

  /** For a log, behind other settings; empty if there is nothing beside the URI. */
  @Override
  public String toString() {
    return (authorities == null ? "" : ", authorities=" + authorities)
        + (certificate == null ? "" : ", certificate=" + certificate)
        + (credentials == null ? "" : ", credentials=supplied");
  }
}
