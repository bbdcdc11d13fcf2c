package dev.lease.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  /** Elements of one queue, by their places in the call. */
  private final class Piece {
    final List<Integer> places = new ArrayList<>();
    final List<String> args;
    int chars;

    Piece(String queue) {
      args = new ArrayList<>(firstArgs);
      runs.add(redis.onQueue(queue, script, args));
      pieces.add(this);
    }
  }

  private final Script script;
  private final Redis redis;
  private final List<String> firstArgs;
  private final List<T> elements;
  private final List<Piece> pieces = new ArrayList<>();
  private final List<Redis.Run> runs = new ArrayList<>();

  /**
   * @param firstArgs the arguments before those of the elements
   * @param args the arguments of an element
   */
  Pieces(
      Script script,
      Redis redis,
      List<String> firstArgs,
      List<T> elements,
      Function<T, String> queue,
      Function<T, List<String>> args) {
    this.script = script;
    this.redis = redis;
    this.firstArgs = firstArgs;
    this.elements = elements;
    Map<String, Piece> last = new HashMap<>();
    for (int place = 0; place < elements.size(); place++) {
      T element = elements.get(place);
      List<String> more = args.apply(element);
      int chars = more.stream().mapToInt(String::length).sum();
      Piece piece = last.computeIfAbsent(queue.apply(element), Piece::new);
      if (piece.chars > 0 && piece.chars + chars > MOST_CHARS) {
        piece = new Piece(queue.apply(element));
        last.put(queue.apply(element), piece);
      }
      piece.places.add(place);
      piece.args.addAll(more);
      piece.chars += chars;
    }
  }

  List<Redis.Run> runs() {
    return runs;
  }

  /** Reads the answer of each element, from the replies to the runs. */
  <R> List<R> answers(List<Reply> replies, BiFunction<T, Reply, R> answer) {
    Map<Integer, R> answers = new TreeMap<>();
    for (int i = 0; i < pieces.size(); i++) {
      for (int place : pieces.get(i).places) {
        answers.put(place, answer.apply(elements.get(place), replies.get(i)));
      }
    }
    return List.copyOf(answers.values());
  }
}
