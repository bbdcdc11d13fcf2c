package dev.lease.testkit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The source text of the calls that were made, in their order. */
final class CallListing {

  /** A call whose answer has a name, or what was taken out of an answer. */
  private record Line(String variable, String expression, boolean isCall) {
    String code(boolean isUsed) {
      return (isUsed ? "var " + variable + " = " : "") + expression + ";";
    }
  }

  private final List<Line> lines = new ArrayList<>();
  private final Map<Object, String> names = new HashMap<>();
  private final JavaSource code = new JavaSource(names);
  private int calls;

  /** From here on the value is written so. */
  void name(Object value, String text) {
    names.put(value, text);
  }

  /** Gives a name to a value that some expression has. */
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

  /** Writes down every call of a part of a store. */
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

  /** The statements; what no later one uses has no name. */
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
