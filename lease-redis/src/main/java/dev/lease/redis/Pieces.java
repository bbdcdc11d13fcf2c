package dev.lease.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The elements of a call, put together by queue, in pieces that the server takes well in one go.
 * The answers come back in the order of the elements.
 *
 * @param <T> what the elements are
 */
final class Pieces<T> {

  /** A script blocks the server while it runs, and its arguments are held in memory. */
  static final int MOST_CHARS = 4 << 20;

  /** Elements of one queue. */
  private final class Piece {
    final int number;
    final List<String> args;
    int chars;

    Piece(String queue) {
      number = runs.size();
      args = new ArrayList<>(firstArgs);
      runs.add(redis.onQueue(queue, script, args));
    }
  }

  private final Script script;
  private final Redis redis;
  private final List<String> firstArgs;
  private final List<T> elements;

  /** Of each element the number of its piece. */
  private final List<Integer> pieceOf = new ArrayList<>();

  private final List<Redis.Run> runs = new ArrayList<>();

  /**
   * @param firstArgs the arguments before those of the elements
   * @param args adds the arguments of an element
   */
  Pieces(
      Script script,
      Redis redis,
      List<String> firstArgs,
      List<T> elements,
      Function<T, String> queue,
      BiConsumer<T, List<String>> args) {
    this.script = script;
    this.redis = redis;
    this.firstArgs = firstArgs;
    this.elements = elements;
    Map<String, Piece> last = new HashMap<>();
    List<String> more = new ArrayList<>();
    for (T element : elements) {
      more.clear();
      args.accept(element, more);
      int chars = 0;
      for (String arg : more) {
        chars += arg.length();
      }
      String name = queue.apply(element);
      Piece piece = last.get(name);
      if (piece == null || (piece.chars > 0 && piece.chars + chars > MOST_CHARS)) {
        piece = new Piece(name);
        last.put(name, piece);
      }
      pieceOf.add(piece.number);
      piece.args.addAll(more);
      piece.chars += chars;
    }
  }

  List<Redis.Run> runs() {
    return runs;
  }

  /** Reads the answer of each element, from the replies to the runs. */
  <R> List<R> answers(List<Reply> replies, BiFunction<T, Reply, R> answer) {
    List<R> answers = new ArrayList<>(elements.size());
    for (int i = 0; i < elements.size(); i++) {
      answers.add(answer.apply(elements.get(i), replies.get(pieceOf.get(i))));
    }
    return List.copyOf(answers);
  }
}
