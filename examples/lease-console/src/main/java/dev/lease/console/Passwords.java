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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * HTTP's Basic scheme. A wrong password costs as much as a right one, so one is tried at a time,
 * and after a wrong one its name has to wait at that address: not everywhere, or anybody could keep
 * its owner out. After four wrong ones all names wait there: one address with ever new names would
 * be all that is heard. Names that there are not wait as well. Whoever comes meanwhile is told so.
 * What was right once is remembered by a hash.
 */
final class Passwords implements Guard {

  private static final int ROUNDS = 210_000;
  private static final int BITS = 256;
  private static final long PAUSE_NANOS = 1_000_000_000L;
  private static final int NAMES = 4;

  private static final class User {
    final Viewer viewer;
    final byte[] hash;

    User(Viewer viewer, byte[] hash) {
      this.viewer = viewer;
      this.hash = hash;
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final LongSupplier nanoTime;
  private final byte[] salt = new byte[16];
  private final Map<String, User> users = new HashMap<>();
  private final Map<String, Long> failedAt = new HashMap<>();
  private final Map<String, Viewer> known = new ConcurrentHashMap<>();

  Passwords(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
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
    byte[] credentials;
    try {
      credentials = Base64.getDecoder().decode(header.substring(6).trim());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    String digest = digest(credentials);
    Viewer viewer = known.get(digest);
    if (viewer == null) {
      viewer = tried(request.getRemoteAddr(), new String(credentials, UTF_8).split(":", 2));
      if (viewer != null) {
        known.put(digest, viewer);
      }
    }
    return Optional.ofNullable(viewer);
  }

  /** Others do not wait for the one try: their threads answer those whose password is known. */
  private @Nullable Viewer tried(String address, String[] parts) {
    if (parts.length < 2) {
      return null;
    }
    if (!lock.tryLock()) {
      throw later();
    }
    try {
      long now = nanoTime.getAsLong();
      failedAt.values().removeIf(failed -> now - failed >= PAUSE_NANOS);
      String at = address + " ";
      String who = at + parts[0];
      if (failedAt.containsKey(who)
          || failedAt.keySet().stream().filter(it -> it.startsWith(at)).count() >= NAMES) {
        throw later();
      }
      User user = users.get(parts[0]);
      byte[] hash = hash(parts[1]);
      if (user != null && MessageDigest.isEqual(user.hash, hash)) {
        return user.viewer;
      }
      failedAt.put(who, nanoTime.getAsLong());
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static Refusal later() {
    return new Refusal(429, "Passwords are tried one at a time: load the page again in a second.");
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

  private String digest(byte[] credentials) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(salt);
      return HexFormat.of().formatHex(sha.digest(credentials));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no SHA-256", e);
    }
  }
}
