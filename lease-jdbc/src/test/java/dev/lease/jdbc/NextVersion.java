package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A version of the store that is made up, for proving upgrades: the same classes, loaded anew, with
 * one script more, of the folder {@code next} of the tests.
 */
final class NextVersion extends URLClassLoader {

  /** Of the same length, since they are exchanged in a compiled class. */
  private static final String LAST = "V1__lease.sql";

  private static final String NEXT = "V2__later.sql";

  NextVersion() throws IOException {
    super(
        new URL[] {
          JdbcBackend.class.getProtectionDomain().getCodeSource().getLocation(),
          Path.of("src/test/resources/next/").toUri().toURL()
        },
        JdbcBackend.class.getClassLoader());
  }

  /** Migrates the schema as {@link JdbcBackend#migrate}. */
  static void migrate(String url, Duration callTimeout) {
    try (var next = new NextVersion()) {
      Class<?> configs = next.loadClass(JdbcConfig.class.getName());
      Object config = configs.getMethod("of", String.class).invoke(null, url);
      config = configs.getMethod("withCallTimeout", Duration.class).invoke(config, callTimeout);
      next.loadClass(JdbcBackend.class.getName())
          .getMethod("migrate", configs)
          .invoke(null, config);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Class<?> loadClass(String name) throws ClassNotFoundException {
    if (!name.startsWith("dev.lease.jdbc.")) {
      return super.loadClass(name);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : findClass(name);
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (!name.equals(Dialect.class.getName())) {
      return super.findClass(name);
    }
    try (InputStream in =
        requireNonNull(getResourceAsStream(name.replace('.', '/') + ".class"), name)) {
      byte[] code =
          new String(in.readAllBytes(), ISO_8859_1).replace(LAST, NEXT).getBytes(ISO_8859_1);
      return defineClass(name, code, 0, code.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
