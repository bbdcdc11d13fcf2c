package dev.lease.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The numbers of the clauses for stores, as the page of the contract has them. */
final class Clauses {

  private static final Path PAGE = Path.of("..", "lease-api", "docs", "contract.md");
  private static final Pattern CLAUSE = Pattern.compile("(?m)^- \\*\\*([LQ]\\d\\d)\\*\\*");

  private Clauses() {}

  static Set<String> all() throws IOException {
    return CLAUSE
        .matcher(Files.readString(PAGE))
        .results()
        .map(clause -> clause.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
