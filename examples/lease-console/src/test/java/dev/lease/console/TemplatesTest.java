package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each text on a page is escaped where it stands, since no page can do otherwise. {@link
 * HostileTest} asks the pages that are made; this asks each place of each template.
 */
class TemplatesTest {

  private static final Path TEMPLATES = Path.of("src/main/jte");

  /** What stands in one of these is a link, which escaping alone does not make harmless. */
  private static final Pattern LINK =
      Pattern.compile(
          "(?:href|src|action|formaction|srcset|poster|data)=\"\\$\\{(?!frame\\.link\\()");

  /** Attributes of which a value, if it is quoted, cannot become code, a style, or a link. */
  private static final Set<String> ATTRIBUTES =
      Set.of(
          "action",
          "aria-current",
          "class",
          "data-points",
          "href",
          "id",
          "list",
          "max",
          "name",
          "selected",
          "src",
          "value");

  private static final Pattern ATTRIBUTE =
      Pattern.compile("([\\w-]+)=(?:\"[^\"]*?|([^\"\\s>]*))\\$\\{");

  private static final Pattern CODE =
      Pattern.compile("(?s)<(script|style)\\b[^>]*>(.*?)</\\1>|\\son\\w+=|\\sstyle=|javascript:");

  @Test
  @DisplayName(
      "no template writes a text as it is, into code, into a style, or as a link of its own")
  void escaped() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path template : templates()) {
      found.addAll(faults(template.getFileName().toString(), Files.readString(template)));
    }
    assertThat(found).isEmpty();
  }

  /** What would make each place of each template dangerous. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "unsafe, \\$\\{, \\$unsafe{",
        "link, (href|action|src)=\"\\$\\{frame\\.link, $1=\"\\${job.id",
        "attribute, (value|name|class)=\"\\$\\{, srcdoc=\"\\${",
        "quotes, (value|name|id)=\"(\\$\\{[^\"}]*\\})\", $1=$2",
        "script, <(p|td|h1|h2)>, <$1><script>x</script>",
        "code, <(a|form|input|button)\\b, <$1 onclick=x",
        "style, <(p|td|div|table)\\b, <$1 style=x",
        "content, ^@param Frame frame$, @param Content frame",
      })
  @DisplayName("each place of each template that is changed for the worse is found")
  void mutants(String name, Pattern place, String worse) throws IOException {
    int mutants = 0;
    for (Path template : templates()) {
      String text = Files.readString(template);
      Matcher matcher = Pattern.compile(place.pattern(), Pattern.MULTILINE).matcher(text);
      while (matcher.find()) {
        String mutant =
            text.substring(0, matcher.start())
                + matcher.group().replaceFirst(place.pattern(), worse)
                + text.substring(matcher.end());
        assertThat(faults(template.getFileName().toString(), mutant))
            .as("%s: %s", template, matcher.group())
            .isNotEmpty();
        mutants++;
      }
    }
    assertThat(mutants).as(name).isPositive();
  }

  private static List<String> faults(String name, String text) {
    List<String> found = new ArrayList<>();
    if (text.contains("$unsafe")) {
      found.add(name + " writes a text as it is");
    }
    // A Content is written as it is: only the layout gets one, from templates.
    if (text.split("@param Content", -1).length > (name.equals("layout.jte") ? 2 : 1)) {
      found.add(name + " takes a Content");
    }
    if (LINK.matcher(text).find()) {
      found.add(name + " has a link that frame.link has not made");
    }
    for (Matcher code = CODE.matcher(text); code.find(); ) {
      if (code.group(2) == null || !code.group(2).isBlank()) {
        found.add(name + " has code or a style of its own: " + code.group());
      }
    }
    for (Matcher attribute = ATTRIBUTE.matcher(text); attribute.find(); ) {
      if (attribute.group(2) != null) {
        found.add(name + " has a value without quotes: " + attribute.group());
      }
      if (!ATTRIBUTES.contains(attribute.group(1))) {
        found.add(name + " has a value in the attribute " + attribute.group(1));
      }
    }
    return found;
  }

  private static List<Path> templates() throws IOException {
    try (Stream<Path> files = Files.list(TEMPLATES)) {
      List<Path> templates = files.toList();
      assertThat(templates).hasSizeGreaterThan(20);
      return templates;
    }
  }
}
