package dev.lease.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Writes down calls as source text, in the order in which they were made. */
final class CallListing {

  /** A call and the variable for its answer, or a variable for a part of an answer. */
  private record Line(String variable, String expression, boolean isCall) {
    String code(boolean isUsed) {
      return (isUsed ? "var " + variable + " = " : "") + expression + ";";
    }
  }

  private final List<Line> lines = new ArrayList<>();
  private final Map<Object, String> names = new HashMap<>();
  private final JavaSource code = new JavaSource(names);
  private int calls;

  /** From now on writes the value as this text. */
  void name(Object value, String text) {
    names.put(value, text);
  }

  /** Declares a variable for the value of an expression. */
  void declare(String variable, String expression, Object value) {
    lines.add(new Line(variable, expression, false));
    name(value, variable);
  }

  void call(String expression) {
    calls++;
    lines.add(new Line("answer" + calls, expression, true));
  }

  String text(Object value) {
    return code.text(value);
  }

  /** Wraps a part of a store so that every call of it is written down. */
  <T> T listed(Class<T> type, String name, T part) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              call(code.callText(name, method.getName(), arguments));
              try {
                return method.invoke(part, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  /**
   * The calls as statements, followed by the given ones. Variables that no statement uses are left
   * out.
   */
  List<String> statements(List<String> last) {
    List<String> statements = new ArrayList<>(last);
    for (int i = lines.size() - 1; i >= 0; i--) {
      Line line = lines.get(i);
      var word = Pattern.compile("\\b" + line.variable() + "\\b");
      boolean isUsed = statements.stream().anyMatch(later -> word.matcher(later).find());
      if (isUsed || line.isCall()) {
        statements.add(0, line.code(isUsed));
      }
    }
    return statements;
  }
}
