package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
    boolean closed = Modifier.isFinal(type.getModifiers()) || type.isSealed();
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (counts(constructor) && !(closed && Modifier.isProtected(constructor.getModifiers()))) {
        members.add("new" + parameters(constructor));
      }
    }
    // What a hidden class declares is a member of each class that can be seen below it.
    Class<?> each = type;
    do {
      addFieldsAndMethods(each, members);
      each = each.getSuperclass();
    } while (each != null && each.getName().startsWith("dev.lease.") && !isVisible(each));
    return head(type)
        + members.stream()
            .distinct()
            .sorted()
            .map(member -> "\n  " + brief(member))
            .collect(Collectors.joining())
        + "\n";
  }

  private static void addFieldsAndMethods(Class<?> type, List<String> members) {
    for (Field field : type.getDeclaredFields()) {
      if (counts(field)) {
        members.add(
            modifiers(field)
                + text(field.getAnnotatedType())
                + " "
                + field.getName()
                + constant(field));
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (counts(method) && !isOfObject(method)) {
        members.add(
            (method.isDefault() ? "default " : modifiers(method))
                + variables(method)
                + text(method.getAnnotatedReturnType())
                + " "
                + method.getName()
                + parameters(method));
      }
    }
  }

  /** The compiler writes the value of such a constant into the classes that use it. */
  private static String constant(Field field) {
    boolean isConstant =
        Modifier.isStatic(field.getModifiers())
            && Modifier.isFinal(field.getModifiers())
            && (field.getType().isPrimitive() || field.getType() == String.class);
    try {
      return isConstant ? " = " + field.get(null) : "";
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot read " + field, e);
    }
  }

  /** A type with what of it may be null. */
  private static String text(AnnotatedType type) {
    String text = type.getType().getTypeName();
    if (type instanceof AnnotatedArrayType array) {
      text = text(array.getAnnotatedGenericComponentType()) + "[]";
    } else if (type instanceof AnnotatedParameterizedType parameterized) {
      text =
          ((ParameterizedType) type.getType()).getRawType().getTypeName()
              + Arrays.stream(parameterized.getAnnotatedActualTypeArguments())
                  .map(PublicApiTest::text)
                  .collect(Collectors.joining(", ", "<", ">"));
    }
    return (type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "") + text;
  }

  private static String variables(GenericDeclaration of) {
    return of.getTypeParameters().length == 0
        ? ""
        : Arrays.stream(of.getTypeParameters())
            .map(
                variable ->
                    Arrays.stream(variable.getAnnotatedBounds())
                        .map(PublicApiTest::text)
                        .collect(Collectors.joining(" & ", variable.getName() + " extends ", "")))
            .collect(Collectors.joining(", ", "<", "> "))
            .replace(" extends java.lang.Object", "")
            .replace(" extends @Nullable java.lang.Object", " extends @Nullable Object");
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
                ? "interface"
                : type.isEnum()
                    ? "enum"
                    : type.isRecord()
                        ? "record"
                        : Modifier.isFinal(type.getModifiers())
                            ? "final class"
                            : Modifier.isAbstract(type.getModifiers()) ? "abstract class" : "class";
    return (type.isSealed() ? "sealed " : "")
        + kind
        + " "
        + type.getName()
        + brief(variables(type)).trim()
        + (above.isEmpty() ? "" : " : " + brief(above));
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
    return Arrays.stream(executable.getAnnotatedParameterTypes())
            .map(PublicApiTest::text)
            .collect(Collectors.joining(", ", "(", ")"))
        + (thrown.isEmpty() ? "" : " throws " + thrown);
  }

  private static String brief(String types) {
    return types.replaceAll("\\b(java|dev\\.lease)\\.([a-z0-9]+\\.)*", "").replace('$', '.');
  }
}
