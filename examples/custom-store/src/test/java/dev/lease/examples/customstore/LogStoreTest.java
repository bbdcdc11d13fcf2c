package dev.lease.examples.customstore;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.StoreClosedException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {

  @Test
  void aWorkerCanTellThatTheStoreWasClosed(@TempDir Path folder) {
    var store = new LogStore(folder.resolve("log"), InstantSource.system());
    store.close();

    assertThatThrownBy(() -> store.jobQueue().find("queue", "id"))
        .isInstanceOf(StoreClosedException.class);
  }
}
