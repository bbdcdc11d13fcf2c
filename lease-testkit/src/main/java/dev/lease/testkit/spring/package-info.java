/** A store in memory for tests of an application of Spring Boot. Needs Spring Boot. */
@NullMarked
package dev.lease.testkit.spring;

import org.jspecify.annotations.NullMarked;
