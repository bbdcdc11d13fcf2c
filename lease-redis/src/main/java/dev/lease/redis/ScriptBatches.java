package dev.lease.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Divides the elements of a call into scripts: by queue, and so that no script has too large
 * arguments. The answers come back in the order of the elements.
 *
 * @param <T> the type of the elements
 */
final class ScriptBatches<T> {

  /** The elements of one script. */
  private final class Batch {
    final int number;
    final List<String> args;
    int chars;

    Batch(String queue) {
      number = calls.size();
      args = new ArrayList<>(firstArgs);
      calls.add(runner.onQueue(queue, script, args));
    }
  }

  private final Script script;
  private final ScriptRunner runner;
  private final List<String> firstArgs;
  private final List<T> elements;

  /** The number of the batch of each element. */
  private final List<Integer> batchOf = new ArrayList<>();

  private final List<ScriptCall> calls = new ArrayList<>();

  /**
   * @param firstArgs the first arguments of each script
   * @param args adds the arguments of an element
   */
  ScriptBatches(
      Script script,
      ScriptRunner runner,
      List<String> firstArgs,
      List<T> elements,
      Function<T, String> queue,
      BiConsumer<T, List<String>> args) {
    this.script = script;
    this.runner = runner;
    this.firstArgs = firstArgs;
    this.elements = elements;
    Map<String, Batch> last = new HashMap<>();
    List<String> more = new ArrayList<>();
    for (T element : elements) {
      more.clear();
      args.accept(element, more);
      int chars = 0;
      for (String arg : more) {
        chars += arg.length();
      }
      String name = queue.apply(element);
      Batch batch = last.get(name);
      if (batch == null || (batch.chars > 0 && batch.chars + chars > ScriptCall.MAX_CHARS)) {
        batch = new Batch(name);
        last.put(name, batch);
      }
      batchOf.add(batch.number);
      batch.args.addAll(more);
      batch.chars += chars;
    }
  }

  List<ScriptCall> calls() {
    return calls;
  }

  /** Reads the answer for each element from the replies to the calls. */
  <R> List<R> answers(List<Reply> replies, BiFunction<T, Reply, R> answer) {
    List<R> answers = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      answers.add(answer.apply(elements.get(i), replies.get(batchOf.get(i))));
    }
    return List.copyOf(answers);
  }
}
