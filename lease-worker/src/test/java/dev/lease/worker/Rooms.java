package dev.lease.worker;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files of one package: which of them need each other, and which need what is hidden. */
final class Rooms {

  private final Map<String, List<JavaClass>> files;

  private Rooms(Map<String, List<JavaClass>> files) {
    this.files = files;
  }

  static Rooms of(JavaClasses all, String packageName) {
    return new Rooms(
        all.stream()
            .filter(type -> type.getPackageName().equals(packageName))
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(groupingBy(Rooms::file)));
  }

  /** The file of a class: the name of its outermost class. */
  static String file(JavaClass type) {
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer.getName();
  }

  /**
   * The files that could have a package of their own, since none of those that stay needs them, and
   * they need nothing that is hidden in one that stays.
   *
   * @param core a file that stays
   */
  Set<String> thatCouldLeave(String core) {
    Set<String> leaving = new TreeSet<>(files.keySet());
    leaving.remove(core);
    while (leaving.removeIf(file -> isNeeded(file, leaving) || needsHidden(file, leaving))) {
      // Those that need what has to stay after all have to stay too.
    }
    return leaving;
  }

  private boolean isNeeded(String file, Set<String> leaving) {
    return files.keySet().stream()
        .filter(other -> !leaving.contains(other))
        .anyMatch(other -> needs(other).contains(file));
  }

  private Stream<JavaClass> classes(String file) {
    return files.getOrDefault(file, List.of()).stream();
  }

  private Set<String> needs(String file) {
    return classes(file)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .map(Dependency::getTargetClass)
        .map(Rooms::file)
        .collect(toSet());
  }

  private boolean needsHidden(String file, Set<String> leaving) {
    return classes(file)
        .anyMatch(
            type ->
                type.getDirectDependenciesFromSelf().stream()
                        .map(Dependency::getTargetClass)
                        .filter(target -> stays(target, leaving))
                        .anyMatch(target -> !isPublic(target.getModifiers()))
                    || type.getAccessesFromSelf().stream()
                        .filter(access -> stays(access.getTargetOwner(), leaving))
                        .map(JavaAccess::getTarget)
                        .flatMap(target -> target.resolveMember().stream())
                        .anyMatch(member -> !isPublic(((JavaMember) member).getModifiers())));
  }

  private boolean stays(JavaClass target, Set<String> leaving) {
    String file = file(target);
    return files.containsKey(file) && !leaving.contains(file);
  }

  private static boolean isPublic(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC);
  }
}
