package dev.lease.examples.orderbot;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How many, as people write it. */
final class Counts {

  private Counts() {}

  /** With none of it the command would do nothing. */
  static final class OneOrMore implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return number(text, 1);
    }
  }

  /** None is as good a number as any. */
  static final class NoneOrMore implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return number(text, 0);
    }
  }

  private static int number(String text, int least) {
    if (text.matches("\\d{1,9}") && Integer.parseInt(text) >= least) {
      return Integer.parseInt(text);
    }
    throw new TypeConversionException("'" + text + "' is not a number of " + least + " or more");
  }
}
