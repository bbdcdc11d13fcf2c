package dev.lease.examples.orderbot;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers on the command line. */
final class Counts {

  private Counts() {}

  /** 1 or more: with 0 the command would do nothing. */
  static final class OneOrMore implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return number(text, 1);
    }
  }

  /** 0 or more. */
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
