package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The files that scripts are made of, as they lie in the sources. */
class ScriptsTest {

  private static final Path FOLDER = Path.of("src/main/resources/dev/lease/redis/lua");

  private static final Pattern USES = Pattern.compile("(?m)^-- USES: (.*)$");

  private static final Pattern NAMES =
      Pattern.compile("(?m)^local (STATE, [A-Z,\\s]+) =\\s+[\\d, ]+$");

  private static final Pattern NUMBERS =
      Pattern.compile("(?m)^local STATE, [A-Z,\\s]+ =\\s+([\\d, ]+)$");

  private static final Pattern FORMAT =
      Pattern.compile("(?m)^local (?:HEAD|REST|PACKED|PACKED_MORE) = '<(\\w+)'$");

  /** One field in a format of Lua's struct library; a text may have its length before it. */
  private static final Pattern FIELD = Pattern.compile("[Bds]|c8|I4|I2c0");

  /** The values of the head of a row that a script packs by hand. */
  private static final Pattern PACKED_BY_HAND = Pattern.compile("HEAD, (ROW, [^()]+?)\\s*\\)");

  /** The parameters of a function that is called with the fields of a row. */
  private static final Pattern TAKEN_BY_HAND =
      Pattern.compile("isUnpacked, (version, [\\w,\\s]+), last\\s");

  /** The names of a row's fields, without the version. */
  private static final List<String> PLACES = names(all(NAMES).get(0), ",\\s+");

  /** The names of the fields that most jobs do not have. */
  private static final List<String> MORE =
      names(all(Pattern.compile("(?m)^local (KEY, [A-Z, ]+) =")).get(0), ", ");

  private static String lua(String file) {
    try {
      return Files.readString(FOLDER.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> files(String folder) {
    try (Stream<Path> files = Files.list(FOLDER.resolve(folder))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String all() {
    return Stream.concat(files("").stream(), files("lib").stream().map("lib/"::concat))
        .map(ScriptsTest::lua)
        .collect(Collectors.joining());
  }

  private static List<String> all(Pattern pattern) {
    return pattern.matcher(all()).results().map(found -> found.group(1)).toList();
  }

  @Test
  @DisplayName("every file is a script that has a constant, or a part in lib that a file uses")
  void folders() {
    assertThat(files(""))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Script.values()).map(script -> script.file() + ".lua").toList());

    Set<String> used = new TreeSet<>(Set.of("clock.lua"));
    for (String parts : all(USES)) {
      names(parts, " ").forEach(part -> used.add(part + ".lua"));
    }
    assertThat(files("lib")).containsExactlyElementsOf(used);
  }

  @Test
  @DisplayName("every script says how much it looks at, because it blocks the server")
  void bounds() {
    assertThat(files("")).allSatisfy(file -> assertThat(lua(file)).contains("\n-- Bound: "));
  }

  @Test
  @DisplayName("Q74 each file that ends jobs, or makes them run again, counts them in their parts")
  void ends() {
    Pattern ending = Pattern.compile("\\b(finish|finishBecause|giveUp|countEnd)\\(");
    List<String> files =
        Stream.concat(files("").stream(), files("lib").stream().map("lib/"::concat))
            .filter(file -> ending.matcher(lua(file)).find())
            .filter(file -> !Set.of("lib/moves.lua", "lib/graphs.lua").contains(file))
            .toList();
    assertThat(files).hasSize(6).allSatisfy(file -> assertThat(lua(file)).contains("writeEnds()"));
  }

  @Test
  @DisplayName("the formats of a row have as many fields as there are places in it")
  void formats() {
    assertThat(names(all(NUMBERS).get(0), ", ").stream().map(Integer::parseInt))
        .as("places: the first two are whether it could be unpacked, and the version")
        .containsExactlyElementsOf(IntStream.range(3, 3 + PLACES.size()).boxed().toList());

    List<String> formats = all(FORMAT);
    assertThat(formats.get(2)).isEqualTo(formats.get(0) + formats.get(1));
    assertThat(fields(formats.get(2))).isEqualTo(1 + PLACES.size());
    assertThat(fields(formats.get(3))).isEqualTo(MORE.size());
  }

  private static int fields(String format) {
    return (int) FIELD.matcher(format).results().count();
  }

  @Test
  @DisplayName("whatever packs or takes the fields of a row by hand names all of them")
  void byHand() {
    assertThat(all(PACKED_BY_HAND))
        .hasSize(3)
        .allSatisfy(
            values -> assertThat(names(values, ",\\s+")).hasSize(fields(all(FORMAT).get(0))));
    assertThat(all(TAKEN_BY_HAND))
        .hasSize(3)
        .allSatisfy(values -> assertThat(names(values, ",\\s+")).hasSize(1 + PLACES.size()));
  }

  private static List<String> names(String list, String separator) {
    return List.of(list.split(separator));
  }
}
