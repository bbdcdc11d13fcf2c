/** How payloads, results and the values of steps become text: the interface and four codecs. */
@NullMarked
package dev.lease.worker.codec;

import org.jspecify.annotations.NullMarked;
