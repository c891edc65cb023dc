import { type Attributes, context, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

/** What a job does on its device, one after the other. */
export type TracedPhase = 'text encoding' | 'denoising' | 'decoding';

/** The phases of an attempt as spans below the span of its activity. Without tracing they go nowhere. */
export class PhaseSpans {
  readonly #tracer = trace.getTracer('kinora');
  readonly #parent = context.active();
  #phase: TracedPhase | null = null;
  #span: Span | null = null;

  /**
   * Ends the phase before and begins this one; a repeated call changes nothing.
   *
   * @param since when it began, ms since 1970 @default now
   */
  enter(phase: TracedPhase, attributes: Attributes = {}, since: number = Date.now()): void {
    if (phase === this.#phase) return;
    this.#span?.end(since);
    this.#phase = phase;
    this.#span = this.#tracer.startSpan(phase, { startTime: since, attributes }, this.#parent);
  }

  /** Notes the end of a step of the phase. */
  step(step: number, seconds: number): void {
    this.#span?.addEvent('step', { 'kinora.step': step, 'kinora.seconds': seconds });
  }

  /** Ends the last phase. @param failed the phase was not finished */
  end(failed: boolean): void {
    if (failed) this.#span?.setStatus({ code: SpanStatusCode.ERROR });
    this.#span?.end();
    this.#span = null;
  }
}
