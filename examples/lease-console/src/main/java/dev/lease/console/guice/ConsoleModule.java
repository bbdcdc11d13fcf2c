package dev.lease.console.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import dev.lease.Backend;
import dev.lease.Limits;
import dev.lease.console.Console;
import dev.lease.worker.guice.WorkerLifecycle;
import java.util.function.Consumer;

/**
 * A console in a server of its own, on the store of the program, from the start to the end of
 * {@link WorkerLifecycle}. The log says where it is.
 *
 * <pre>{@code
 * new ConsoleModule(console -> console.port(8391))   // loopback, no password
 * }</pre>
 *
 * <p>It needs a binding of {@link Backend}, and provides {@link Console} while that runs: inject a
 * {@code Provider<Console>}, which throws before the start and after the stop.
 */
public final class ConsoleModule extends AbstractModule {

  private final Consumer<Console.Builder> settings;

  /**
   * Makes the module.
   *
   * @param settings sets the port, and who may see and do what; called once, at the start
   */
  public ConsoleModule(Consumer<Console.Builder> settings) {
    this.settings = Limits.notNull("settings", settings);
  }

  @Override
  protected void configure() {
    Multibinder.newSetBinder(binder(), WorkerLifecycle.Part.class)
        .addBinding()
        .to(ConsolePart.class);
  }

  @Provides
  @Singleton
  ConsolePart part(Backend backend) {
    return new ConsolePart(
        () -> {
          Console.Builder builder = Console.on(backend);
          settings.accept(builder);
          return builder;
        });
  }

  @Provides
  Console console(ConsolePart part) {
    return part.console();
  }
}
