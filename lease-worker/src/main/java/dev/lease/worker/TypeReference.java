package dev.lease.worker;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.stream.Stream;

/**
 * Names a type with its type arguments, which a class cannot. Make it with an empty body:
 *
 * <pre>{@code
 * new TypeReference<List<Order>>() {}
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param <T> the type
 */
public abstract class TypeReference<T> {

  private final Type type;

  /**
   * Takes the type from the class that extends this one.
   *
   * @throws IllegalArgumentException if that class does not extend this one directly and with a
   *     type, or if the type has a variable, such as the {@code T} of a method
   */
  protected TypeReference() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parent)
        || parent.getRawType() != TypeReference.class) {
      throw new IllegalArgumentException(
          "a type reference must name its type, as in new TypeReference<List<Order>>() {}");
    }
    type = parent.getActualTypeArguments()[0];
    if (hasVariable(type)) {
      throw new IllegalArgumentException(
          "a type reference must have no type variable, was " + type.getTypeName());
    }
  }

  private static boolean hasVariable(Type type) {
    if (type instanceof ParameterizedType generic) {
      return Stream.of(generic.getActualTypeArguments()).anyMatch(TypeReference::hasVariable);
    }
    if (type instanceof GenericArrayType array) {
      return hasVariable(array.getGenericComponentType());
    }
    if (type instanceof WildcardType wildcard) {
      return Stream.of(wildcard.getUpperBounds(), wildcard.getLowerBounds())
          .flatMap(Stream::of)
          .anyMatch(TypeReference::hasVariable);
    }
    return type instanceof TypeVariable;
  }

  /**
   * The type, with its type arguments.
   *
   * @return the type
   */
  public final Type type() {
    return type;
  }

  /** For log messages. */
  @Override
  public final String toString() {
    return type.getTypeName();
  }
}
