/**
 * A client and a worker in an application of Spring Boot, whose beans are the handlers and the
 * schedules. Needs Spring Boot.
 */
@NullMarked
package dev.lease.worker.spring;

import org.jspecify.annotations.NullMarked;
