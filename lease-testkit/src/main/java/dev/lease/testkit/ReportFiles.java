package dev.lease.testkit;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The reports in a directory. The classes of tests of one store may run in several JVMs, one after
 * the other or at once, so each leaves its part in a directory beside it, and who comes last writes
 * the report of all.
 */
final class ReportFiles {

  private final Path directory;
  private final Path partsDirectory;

  ReportFiles(Path directory) {
    this.directory = directory;
    Path absolute = directory.toAbsolutePath().normalize();
    this.partsDirectory = absolute.resolveSibling(absolute.getFileName() + "-parts");
  }

  /**
   * Adds parts of a store, in place of earlier ones of the same classes, and writes its report.
   *
   * @return the Markdown page
   */
  Path write(String store, List<Part> parts) throws IOException {
    String name = store.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    Path own = partsDirectory.resolve(name);
    Files.createDirectories(directory);
    Files.createDirectories(own);
    synchronized (ReportFiles.class) {
      try (FileChannel lock =
          FileChannel.open(
              partsDirectory.resolve(name + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE)) {
        lock.lock();
        Path page = directory.resolve(name + ".md");
        for (Part other : read(own)) {
          String taken = (String) other.facts().get("store");
          if (!store.equals(taken)) {
            throw new IOException(
                "%s is the report of the store \"%s\", so name \"%s\" otherwise"
                    .formatted(page.getFileName(), taken, store));
          }
        }
        for (Part part : parts) {
          try (var out = new ObjectOutputStream(Files.newOutputStream(own.resolve(part.type())))) {
            out.writeObject(part);
          }
        }
        var report = new StoreReport(store, read(own));
        Files.writeString(page, report.markdown());
        Files.writeString(directory.resolve(name + ".json"), report.json());
        return page;
      }
    }
  }

  private static List<Part> read(Path parts) throws IOException {
    List<Part> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(parts)) {
      for (Path file : files.toList()) {
        try (var in = new ObjectInputStream(Files.newInputStream(file))) {
          all.add((Part) in.readObject());
        } catch (IOException | ClassNotFoundException e) {
          // Of another version of the kit, or cut off.
          Files.delete(file);
        }
      }
    }
    return all;
  }
}
