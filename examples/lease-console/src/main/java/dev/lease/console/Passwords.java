package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.http.HttpServletRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * HTTP's Basic scheme. A wrong password costs as much as a right one, one is tried at a time, and a
 * name has to wait after a wrong one. What was right once is remembered by a hash.
 */
final class Passwords implements Guard {

  private static final int ROUNDS = 210_000;
  private static final int BITS = 256;
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private static final class User {
    final Viewer viewer;
    final byte[] hash;

    User(Viewer viewer, byte[] hash) {
      this.viewer = viewer;
      this.hash = hash;
    }
  }

  private final byte[] salt = new byte[16];
  private final Map<String, User> users = new HashMap<>();
  private final Map<String, Long> failedAt = new HashMap<>();
  private final Map<String, Viewer> known = new ConcurrentHashMap<>();

  Passwords() {
    new SecureRandom().nextBytes(salt);
  }

  /** Adds a user, before the first request. */
  void add(Viewer viewer, String password) {
    users.put(viewer.name(), new User(viewer, hash(password)));
  }

  @Override
  public String challenge() {
    return "Basic realm=\"Lease\", charset=\"UTF-8\"";
  }

  @Override
  public Optional<Viewer> viewer(HttpServletRequest request) {
    String header = request.getHeader("Authorization");
    if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
      return Optional.empty();
    }
    String digest = digest(header);
    Viewer viewer = known.get(digest);
    if (viewer == null) {
      viewer = tried(header.substring(6).trim());
      if (viewer != null) {
        known.put(digest, viewer);
      }
    }
    return Optional.ofNullable(viewer);
  }

  private synchronized @Nullable Viewer tried(String credentials) {
    String[] parts;
    try {
      parts = new String(Base64.getDecoder().decode(credentials), UTF_8).split(":", 2);
    } catch (IllegalArgumentException e) {
      return null;
    }
    User user = users.get(parts[0]);
    Long failed = failedAt.get(parts[0]);
    if (parts.length < 2 || (failed != null && System.nanoTime() - failed < PAUSE_NANOS)) {
      return null;
    }
    byte[] hash = hash(parts[1]);
    if (user != null && MessageDigest.isEqual(user.hash, hash)) {
      failedAt.remove(parts[0]);
      return user.viewer;
    }
    if (user != null) {
      failedAt.put(parts[0], System.nanoTime());
    }
    return null;
  }

  private byte[] hash(String password) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ROUNDS, BITS))
          .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no PBKDF2", e);
    }
  }

  private String digest(String header) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(salt);
      return HexFormat.of().formatHex(sha.digest(header.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no SHA-256", e);
    }
  }
}
