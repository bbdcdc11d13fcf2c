package dev.lease.console;

import dev.lease.Limits;

/** Somebody at the console: a name, and what it may do. Immutable. */
public final class Viewer {

  private final String name;
  private final Access access;
  private final boolean payloads;

  private Viewer(String name, Access access, boolean payloads) {
    this.name = name;
    this.access = access;
    this.payloads = payloads;
  }

  /**
   * Names a viewer that sees no payloads.
   *
   * @param name the name, by the rules of {@link Limits#name}; the store keeps it with each act
   * @param access what the viewer may do
   * @return the viewer
   * @throws IllegalArgumentException if the name breaks a rule, or the access is null
   */
  public static Viewer of(String name, Access access) {
    return new Viewer(Limits.name("viewer", name), Limits.notNull("access", access), false);
  }

  /**
   * The same viewer, who may also see payloads, results, headers, progress and the values of steps,
   * if the console {@linkplain Console.Builder#showPayloads shows} them at all.
   *
   * @return a new viewer
   */
  public Viewer withPayloads() {
    return new Viewer(name, access, true);
  }

  Viewer atMost(Access most) {
    return access.covers(most) ? new Viewer(name, most, payloads) : this;
  }

  /** {@return the name} */
  public String name() {
    return name;
  }

  /** {@return what the viewer may do} */
  public Access access() {
    return access;
  }

  /** {@return whether the viewer may see payloads} */
  public boolean seesPayloads() {
    return payloads;
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return name + " (" + access + (payloads ? ", payloads)" : ")");
  }
}
