package dev.lease.console.guice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Provider;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.lease.Backend;
import dev.lease.console.Console;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.guice.WorkerLifecycle;
import dev.lease.worker.guice.WorkerModule;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ConsoleModuleTest {

  @Test
  @DisplayName("one line: the console runs from the start to the end of the lifecycle")
  void oneLine() throws Exception {
    Injector injector =
        Guice.createInjector(
            Stage.PRODUCTION,
            WorkerModule.withoutWorker(),
            new ConsoleModule(Console.Builder::readOnly),
            new AbstractModule() {
              @Override
              protected void configure() {
                bind(Backend.class).toInstance(new InMemoryBackend(InstantSource.system()));
              }
            });
    Provider<Console> console = injector.getProvider(Console.class);
    assertThatThrownBy(console::get)
        .isInstanceOf(ProvisionException.class)
        .hasMessageContaining("WorkerLifecycle.start() starts it");

    WorkerLifecycle lifecycle = injector.getInstance(WorkerLifecycle.class);
    lifecycle.start();
    URI url = URI.create(console.get().url());
    assertThat(page(url).body()).contains("Overview");

    lifecycle.close();
    assertThatThrownBy(() -> page(url)).isInstanceOf(ConnectException.class);
    assertThatThrownBy(console::get).isInstanceOf(ProvisionException.class);
  }

  private static HttpResponse<String> page(URI url) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
  }
}
