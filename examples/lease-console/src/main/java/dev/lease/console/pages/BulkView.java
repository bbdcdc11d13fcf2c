package dev.lease.console.pages;

import dev.lease.Job;
import dev.lease.console.live.BulkAct;
import dev.lease.console.live.BulkRun;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an act on many jobs would do.
 *
 * @param act the act
 * @param filter which jobs were asked for
 * @param words which jobs the act is for, in words
 * @param count how many they are
 * @param samples some of them
 * @param spread over how long they would be spread
 * @param audited whether the store records acts
 * @param missing the parts of the store that did not answer
 */
public record BulkView(
    BulkAct act,
    FilterFields filter,
    String words,
    int count,
    List<Job> samples,
    String spread,
    boolean audited,
    List<String> missing) {

  /** {@return whether more match than one act changes} */
  public boolean isMore() {
    return count == BulkRun.MOST;
  }

  /** {@return the fields of the form that does it} */
  public Map<String, String> fields() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("act", act.name());
    fields.put("counted", Integer.toString(count));
    @Nullable String[] params = filter.params();
    for (int i = 0; i < params.length; i += 2) {
      String name = params[i];
      String value = params[i + 1];
      if (name != null && value != null && !value.isEmpty()) {
        fields.put(name, value);
      }
    }
    return fields;
  }
}
