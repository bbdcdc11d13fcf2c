package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.protocol.CommandArgs;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.List;

/**
 * The arguments of EVAL or EVALSHA. They are written to the connection as they are, because Lettuce
 * would make an object of each.
 */
final class ScriptArgs extends CommandArgs<String, String> {

  /** The keys of a script, encoded once: a queue has many, and they are always the same. */
  static final class EncodedKeys {
    private final String first;
    private final int number;
    private final byte[] encoded;

    EncodedKeys(List<String> names) {
      var bytes = new ByteArrayOutputStream();
      for (String name : names) {
        byte[] text = name.getBytes(UTF_8);
        bytes.writeBytes(("$" + text.length + "\r\n").getBytes(UTF_8));
        bytes.writeBytes(text);
        bytes.writeBytes(END);
      }
      first = names.get(0);
      number = names.size();
      encoded = bytes.toByteArray();
    }

    /** All keys are on the node that has this one. */
    String first() {
      return first;
    }
  }

  private static final byte[] END = {'\r', '\n'};

  private final String script;
  private final EncodedKeys keys;
  private final List<String> args;

  /**
   * @param script the text or the SHA
   */
  ScriptArgs(String script, EncodedKeys keys, List<String> args) {
    super(Texts.CODEC);
    this.script = script;
    this.keys = keys;
    this.args = args;
  }

  @Override
  public int count() {
    return 2 + keys.number + args.size();
  }

  @Override
  public void encode(ByteBuf out) {
    write(script, out);
    write(Integer.toString(keys.number), out);
    out.writeBytes(keys.encoded);
    for (String arg : args) {
      write(arg, out);
    }
  }

  private static void write(String text, ByteBuf out) {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeByte('$');
    writeLength(bytes.length, out);
    out.writeBytes(END).writeBytes(bytes).writeBytes(END);
  }

  private static void writeLength(int length, ByteBuf out) {
    if (length >= 10) {
      writeLength(length / 10, out);
    }
    out.writeByte('0' + length % 10);
  }
}
