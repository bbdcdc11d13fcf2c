/**
 * Producers, handlers, the worker that runs them, and named leases. What needs only these has a
 * package of its own, such as the codecs and what needs an optional library.
 *
 * <ul>
 *   <li>Enqueue jobs: {@link JobClient}, {@link JobType}, {@link TypeReference}, {@link
 *       EnqueuedJob}, {@link ClientInterceptor}
 *   <li>Let jobs wait for jobs: {@link JobGraph}, {@link GraphRefusedException}, {@link ParentJob}
 *   <li>Do the work: {@link JobHandler}, {@link TypedJobHandler}, {@link HandlerOptions}, {@link
 *       JobContext}, {@link Step}, {@link StepFailedException}, {@link HandlerInterceptor}
 *   <li>Decide what becomes of a job: {@link Outcome}, {@link RetryPolicy}, {@link Failure}
 *   <li>Run a worker: {@link Worker}, {@link WorkerConfig}, {@link QueueShare}, {@link
 *       WorkerStatus}, {@link WorkerHealth}, {@link WorkerReport}, {@link WorkerReports}, {@link
 *       WorkerListener}, {@link JobEvent}
 *   <li>Enqueue again and again: {@link Schedule}, {@link Schedules}
 *   <li>Hold named leases: {@link Leases}, {@link HeldLease}, {@link Leader}
 *   <li>Test handlers: {@link TestWorker}, {@link TestJob}, {@link TestedAttempt}
 * </ul>
 */
@NullMarked
package dev.lease.worker;

import org.jspecify.annotations.NullMarked;

// A map of what is hidden here. A new file gets its place in it.
//
// produce    JobIds, AwaitFinish, OwnHeaders, GraphSender, GraphStore
// start      Engine, HandlerThreads, ShutdownWaits
// lanes      Lanes, Loop, Inbox, Signal
// claim      Dispatcher, QueueRotation, PolledQueue, Claims, LookAhead, Trust, RunningMedian,
//            UnknownTypes
// hold       HeldJobs, HeldJob, LeaseExtender, LeaseLoss, Watchdog, ProgressWriter, LastProgress
// run        JobPipeline, Slots, JobRunner, KeyCloser, HandlerRegistry, HandlerRegistration,
// AttemptContext,
//            PayloadFormat, UnreadablePayloads, UnreadablePayloadException
// steps      Steps, KeptFailure, IdempotencyKeys, PatientCalls, Parents
// settle     PendingSettlements, PendingSettlement, SettlementRepair
// failures   StoreCalls, StoreOutage, FailureLines, Backoff, CauseChain, ErrorText
// clocks     LocalClock, LeaseTime
// tell       Events, Listening, DirectListening, FinishHints, Health, OldestDue
// report     Reporter, ReportWriter, ReportNote, Rates
// queues     Janitor, QueueFinder, QueueHints
// schedules  ScheduleRegistrar, ScheduleHandler, ScheduleDefinition, Timing, CronTimes, DueFirings,
//            LastFiring
// leases     LeaseKeeper, LeaseRun
// tests      TestRunner, WaitingJobs
