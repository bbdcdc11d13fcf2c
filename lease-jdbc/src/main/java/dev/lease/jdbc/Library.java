package dev.lease.jdbc;

/**
 * A library that a user adds for one database.
 *
 * @param className a class of it
 * @param artifact its group and name in a Maven repository
 */
record Library(String className, String artifact) {

  boolean isMissing() {
    try {
      Class.forName(className, false, Library.class.getClassLoader());
      return false;
    } catch (ClassNotFoundException e) {
      return true;
    }
  }

  String advice() {
    return "add " + artifact + " to the class path";
  }
}
