package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The Markdown pages of the whole repository. */
class PagesTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  /** The target of a link that is named elsewhere on the page. */
  private static final Pattern REFERENCE =
      Pattern.compile("^\\[[^\\]]+\\]: (\\S+)$", Pattern.MULTILINE);

  private static final int LONGEST_LINE = 120;

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            // Another build may be at work there.
            return folder.getFileName().toString().matches("target|node_modules|\\.git")
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              pages.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return pages;
  }

  @Test
  @DisplayName("each link within the repository leads to a file, and to a heading of it")
  void links() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      String text = withoutCode(page);
      Stream.concat(LINK.matcher(text).results(), REFERENCE.matcher(text).results())
          .map(link -> link.group(1))
          .filter(target -> !target.matches("[a-z]+:.*") && !leadsSomewhere(page, target))
          .forEach(target -> broken.add(ROOT.relativize(page) + ": " + target));
    }
    assertThat(broken).isEmpty();
  }

  private static boolean leadsSomewhere(Path page, String target) {
    String[] parts = target.split("#", 2);
    Path file = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
    return Files.exists(file) && (parts.length == 1 || headings(file).contains(parts[1]));
  }

  /** The anchors of the headings of a page, as GitHub makes them. */
  private static List<String> headings(Path page) {
    return withoutCode(page)
        .lines()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }

  @Test
  @DisplayName("no line of text has more than 120 characters, but on pages that programs make")
  void lines() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path page : pages()) {
      String name = ROOT.relativize(page).toString().replace('\\', '/');
      if (!name.matches(
          "lease-testkit/BROKEN-STORES\\.md|examples/custom-store/naive-report\\.md|examples/mutants/(sqlite|postgresql|redis)\\.md|examples/benchmark/docs/(speed|profiles)\\.md")) {
        List<String> lines = Files.readAllLines(page);
        boolean code = false;
        for (int i = 0; i < lines.size(); i++) {
          code ^= lines.get(i).strip().startsWith("```");
          if (!code && length(lines.get(i)) > LONGEST_LINE) {
            tooLong.add(name + ":" + (i + 1));
          }
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  /** As it is read: without where its links lead. */
  private static int length(String line) {
    String shown = LINK.matcher(line).replaceAll("]");
    return shown.codePointCount(0, shown.length());
  }

  private static String withoutCode(Path page) {
    try {
      return Files.readString(page)
          .replaceAll("(?s)```.*?```", "")
          .replaceAll("`[^`\n]*`(?=\\()", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
