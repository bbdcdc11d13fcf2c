package dev.lease;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A part of a graph: one job or many, which wait for the same other parts. Immutable.
 *
 * <p>A part has ended when each of its jobs has.
 */
public final class GraphPart {

  private final String name;
  private final Map<String, OnFailure> after;

  private GraphPart(String name, Map<String, OnFailure> after) {
    this.name = Limits.name("part", name);
    this.after = Collections.unmodifiableMap(after);
    if (after.containsKey(name)) {
      throw notAfter(name, name);
    }
  }

  private static IllegalArgumentException notAfter(String name, String parent) {
    return new IllegalArgumentException(
        "part "
            + Limits.quote(name)
            + " must come after another part, and once; leave one of them out, was after "
            + Limits.quote(parent));
  }

  /**
   * Creates a part that waits for no other.
   *
   * @param name its name, unique within the graph
   * @return the part
   * @throws IllegalArgumentException if the name breaks the rules of names
   */
  public static GraphPart of(String name) {
    return new GraphPart(name, Map.of());
  }

  /**
   * Creates a part that waits for others.
   *
   * @param name its name, unique within the graph
   * @param after the names of the parts that have to end before, and what becomes of this part if
   *     they fail; copied in its order
   * @return the part
   * @throws IllegalArgumentException if a name breaks the rules of names, or the part waits for
   *     itself
   */
  public static GraphPart of(String name, Map<String, OnFailure> after) {
    Map<String, OnFailure> copy = new LinkedHashMap<>();
    Limits.notNull("after", after)
        .forEach(
            (parent, onFailure) ->
                copy.put(Limits.name("part", parent), Limits.notNull("onFailure", onFailure)));
    return new GraphPart(name, copy);
  }

  /**
   * The same part, which waits for one more.
   *
   * @param parent the name of the part that has to end before
   * @param onFailure what becomes of this part if that one fails
   * @return a new part
   * @throws IllegalArgumentException if the part waits for that one already, or for itself
   */
  public GraphPart after(String parent, OnFailure onFailure) {
    Limits.name("part", parent);
    if (after.containsKey(parent)) {
      throw notAfter(name, parent);
    }
    Map<String, OnFailure> more = new LinkedHashMap<>(after);
    more.put(parent, Limits.notNull("onFailure", onFailure));
    return new GraphPart(name, more);
  }

  /** {@return its name, unique within the graph} */
  public String name() {
    return name;
  }

  /** {@return the parts that have to end before, in their order, unmodifiable} */
  public Map<String, OnFailure> after() {
    return after;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GraphPart that && name.equals(that.name) && after.equals(that.after);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, after);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "GraphPart[name=" + name + ", after=" + after + "]";
  }
}
