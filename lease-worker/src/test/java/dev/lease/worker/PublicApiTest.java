package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The text of the public API in the repository is that of the classes. */
class PublicApiTest {

  private static final Path KEPT = Path.of("../lease-api/docs/api.txt");
  private static final Path MADE = Path.of("target/api.txt");

  @Test
  @DisplayName("the public API is as lease-api/docs/api.txt says; a change changes that text too")
  void isAsKept() throws Exception {
    Files.writeString(MADE, text());

    assertThat(Files.readString(MADE, UTF_8))
        .as("the public API; if the change is wanted: cp lease-worker/%s lease-api/docs/", MADE)
        .isEqualTo(Files.exists(KEPT) ? Files.readString(KEPT, UTF_8) : "");
  }

  private static String text() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lease")
            .stream()
            .filter(type -> !type.getPackageName().startsWith("dev.lease.testkit.server"))
            .map(JavaClass::reflect)
            .filter(PublicApiTest::isVisible)
            .map(PublicApiTest::text)
            .sorted()
            .collect(Collectors.joining("\n"));
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isVisible(type.getModifiers()) && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static String text(Class<?> type) {
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (counts(field)) {
        members.add(
            modifiers(field) + field.getGenericType().getTypeName() + " " + field.getName());
      }
    }
    boolean closed = Modifier.isFinal(type.getModifiers()) || type.isSealed();
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (counts(constructor) && !(closed && Modifier.isProtected(constructor.getModifiers()))) {
        members.add("new" + parameters(constructor));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (counts(method) && !isOfObject(method)) {
        members.add(
            (method.isDefault() ? "default " : modifiers(method))
                + method.getGenericReturnType().getTypeName()
                + " "
                + method.getName()
                + parameters(method));
      }
    }
    return head(type)
        + members.stream()
            .sorted()
            .map(member -> "\n  " + brief(member))
            .collect(Collectors.joining())
        + "\n";
  }

  private static String head(Class<?> type) {
    String above =
        Stream.concat(
                Stream.of(type.getGenericSuperclass()), Arrays.stream(type.getGenericInterfaces()))
            .filter(
                each -> each != null && each != Object.class && type.getSuperclass() != Enum.class)
            .map(Type::getTypeName)
            .collect(Collectors.joining(", "));
    String kind =
        type.isAnnotation()
            ? "annotation"
            : type.isInterface()
                ? type.isSealed() ? "sealed interface" : "interface"
                : type.isEnum()
                    ? "enum"
                    : type.isRecord()
                        ? "record"
                        : Modifier.isFinal(type.getModifiers())
                            ? "final class"
                            : Modifier.isAbstract(type.getModifiers()) ? "abstract class" : "class";
    String variables =
        type.getTypeParameters().length == 0
            ? ""
            : Arrays.stream(type.getTypeParameters())
                .map(Type::getTypeName)
                .collect(Collectors.joining(", ", "<", ">"));
    return kind + " " + type.getName() + variables + (above.isEmpty() ? "" : " : " + brief(above));
  }

  private static boolean counts(Member member) {
    return isVisible(member.getModifiers()) && !member.isSynthetic();
  }

  private static boolean isOfObject(Method method) {
    String name = method.getName();
    return name.equals("toString") || name.equals("hashCode") || name.equals("equals");
  }

  private static String modifiers(Member member) {
    int modifiers = member.getModifiers();
    return (Modifier.isProtected(modifiers) ? "protected " : "")
        + (Modifier.isStatic(modifiers) ? "static " : "")
        + (Modifier.isAbstract(modifiers) ? "abstract " : "");
  }

  private static String parameters(Executable executable) {
    String thrown =
        Arrays.stream(executable.getGenericExceptionTypes())
            .map(Type::getTypeName)
            .collect(Collectors.joining(", "));
    return Arrays.stream(executable.getGenericParameterTypes())
            .map(Type::getTypeName)
            .collect(Collectors.joining(", ", "(", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String brief(String types) {
    return types.replaceAll("\\b(java|dev\\.lease)\\.([a-z0-9]+\\.)*", "").replace('$', '.');
  }
}
