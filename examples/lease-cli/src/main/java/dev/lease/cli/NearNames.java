package dev.lease.cli;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Names that one that does not exist may have been meant to be. */
final class NearNames {

  private static final int MOST = 3;

  private NearNames() {}

  /** Words that name them, such as "; similar: orders"; none if no name is near. */
  static String similar(String name, Collection<String> names) {
    List<String> near =
        names.stream().distinct().filter(each -> isNear(name, each)).limit(MOST).toList();
    return near.isEmpty() ? "" : "; similar: " + String.join(", ", near);
  }

  private static boolean isNear(String name, String other) {
    String one = name.toLowerCase(Locale.ROOT);
    String two = other.toLowerCase(Locale.ROOT);
    return one.startsWith(two)
        || two.startsWith(one)
        || distance(one, two) <= Math.max(1, Math.min(one.length(), two.length()) / 3);
  }

  /** How many letters have to be added, taken away or changed, where a swap is one change. */
  private static int distance(String one, String two) {
    int[][] distances = new int[one.length() + 1][two.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= two.length(); j++) {
        distances[i][j] = i == 0 || j == 0 ? i + j : least(distances, one, two, i, j);
      }
    }
    return distances[one.length()][two.length()];
  }

  private static int least(int[][] distances, String one, String two, int i, int j) {
    boolean isSame = one.charAt(i - 1) == two.charAt(j - 1);
    boolean isSwapped =
        i > 1
            && j > 1
            && one.charAt(i - 1) == two.charAt(j - 2)
            && one.charAt(i - 2) == two.charAt(j - 1);
    int least = distances[i - 1][j - 1] + (isSame ? 0 : 1);
    least = Math.min(least, 1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
    return isSwapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
  }
}
