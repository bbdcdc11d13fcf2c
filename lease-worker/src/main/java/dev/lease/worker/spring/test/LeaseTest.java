package dev.lease.worker.spring.test;

import dev.lease.worker.TestWorker;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTestContextBootstrapper;
import org.springframework.core.annotation.AliasFor;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * A test of handlers in Spring: no worker runs, and a bean of type {@link TestWorker} runs jobs
 * when the test says so, on its thread, with all that a worker would have: handlers, schedules,
 * interceptors, listeners, codec, properties and customizers.
 *
 * <pre>{@code
 * @LeaseTest(classes = {PlaceOrder.class, Payments.class})
 * class PlaceOrderTest {
 *   @Autowired TestWorker worker;
 *
 *   @Test
 *   void anOrderIsPlaced() {
 *     assertEquals(End.SUCCEEDED, worker.run(PLACE, new Order("tea", 2)).end());
 *   }
 * }
 * }</pre>
 *
 * <p>By itself it makes only those beans and Lease's. Beside {@code @SpringBootTest} it makes the
 * whole application, in which a bean of {@code LeaseWorker} is then missing; a bean of {@code
 * Worker} that the application makes by itself would take the jobs, and is refused. The store is
 * that of the beans; if there is none, it is one in memory, of lease-testkit, with a bean {@code
 * ManualClock}. Each test has a new context, and so an empty store in memory;
 * {@code @DirtiesContext(classMode = AFTER_CLASS)} beside it gives a class one for all its tests.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@BootstrapWith(SpringBootTestContextBootstrapper.class)
@ExtendWith(SpringExtension.class)
@ContextConfiguration
@DirtiesContext(classMode = DirtiesContext.ClassMode.AFTER_EACH_TEST_METHOD)
// What it imports is in META-INF/spring/dev.lease.worker.spring.test.LeaseTest.imports, of each
// jar.
@ImportAutoConfiguration
public @interface LeaseTest {

  /**
   * The beans of the test: handlers and what they need, or classes with {@code @Bean} methods.
   *
   * @return the classes; none for nested classes with {@code @Configuration}, or else for the
   *     application
   */
  @AliasFor(annotation = ContextConfiguration.class)
  Class<?>[] classes() default {};
}
