package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeReferenceTest {

  private static class Named extends TypeReference<String> {}

  @Test
  void theTypeHasItsArguments() {
    var type = new TypeReference<Map<String, List<? extends Number[]>>>() {};
    assertThat(type.type().getTypeName())
        .isEqualTo("java.util.Map<java.lang.String, java.util.List<? extends java.lang.Number[]>>")
        .isEqualTo(type.toString());
    assertThat(new TypeReference<String>() {}.type()).isEqualTo(String.class);
  }

  @Test
  @SuppressWarnings("rawtypes")
  void aReferenceWithoutATypeIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TypeReference() {})
        .withMessageContaining("must name its type");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Named() {})
        .withMessageContaining("must name its type");
  }

  @Test
  void aVariableIsRefusedSinceItWouldBeReadAsAnything() {
    refused(this::<String>ofVariable, "T");
    refused(this::<String>ofList, "java.util.List<T>");
    refused(this::<String>ofArray, "java.util.List<T[]>");
    refused(this::<String>ofWildcard, "java.util.List<? extends T>");
  }

  private static void refused(Runnable made, String type) {
    assertThatIllegalArgumentException()
        .isThrownBy(made::run)
        .withMessage("a type reference must have no type variable, was " + type);
  }

  private <T> void ofVariable() {
    new TypeReference<T>() {};
  }

  private <T> void ofList() {
    new TypeReference<List<T>>() {};
  }

  private <T> void ofArray() {
    new TypeReference<List<T[]>>() {};
  }

  private <T> void ofWildcard() {
    new TypeReference<List<? extends T>>() {};
  }
}
