/** What must hold of the signals of one tree (R-SN-01), checked event by event against the state before each. */
import assert from 'node:assert/strict';
import type { EventOf, Json, JsonObject, RunEvent, RunState, TaskId, TaskState } from '@coppice/core';

interface Received {
  readonly name: string;
  readonly payload: string;
  readonly to: TaskId | undefined;
}

export class SignalCheck {
  /** Signals that nobody has got yet, in the order in which they came. */
  readonly #open = new Map<number, Received>();
  readonly #ids = new Set<string>();
  /** Signals that became commands. */
  readonly #given = new Set<number>();

  /** Takes the next event; `run` is the state before it. */
  apply(run: RunState | undefined, event: RunEvent): void {
    switch (event.type) {
      case 'SignalReceived':
        return this.#received(event);
      case 'SignalRejected':
        if (this.#given.has(event.data.signal)) return;
        assert.ok(this.#open.delete(event.data.signal), `signal ${event.data.signal} is rejected, and was not open`);
        return;
      case 'TaskCompleted':
        if (event.data.signal === undefined) checkTimedEnd(run, event);
        else this.#consumed(run, event, event.data.signal);
        return;
      case 'RunCompleted':
      case 'RunFailed':
      case 'RunCancelled':
        assert.equal(event.data.unread?.count ?? 0, this.#open.size, 'the end of the run counts the unread signals');
        return;
      default:
        checkBoxes(run);
    }
  }

  #received({ seq, data }: EventOf<'SignalReceived'>): void {
    const { name, payload, to, id } = data;
    if (id !== undefined) {
      assert.ok(!this.#ids.has(id), `the id ${id} comes twice`);
      this.#ids.add(id);
    }
    if (data.commands !== undefined) this.#given.add(seq);
    else this.#open.set(seq, { name, payload: JSON.stringify(payload), to });
  }

  #consumed(run: RunState | undefined, { taskId, data }: EventOf<'TaskCompleted'>, seq: number): void {
    const task = run?.byId.get(taskId);
    const signal = this.#open.get(seq);
    assert.ok(signal !== undefined, `signal ${seq} ends ${taskId}, and was consumed before`);
    assert.ok(task?.waiting?.for === 'wait', `signal ${seq} ends ${taskId}, which does not wait`);
    assert.equal(task.waiting.signal, signal.name, `signal ${seq} has another name than ${taskId} waits for`);
    if (signal.to === undefined) {
      assert.equal(JSON.stringify(data.output), signal.payload, `the output of ${taskId} is the payload of its signal`);
      const [first] = [...this.#open].filter(([, { name, to }]) => name === signal.name && to === undefined);
      assert.equal(first?.[0], seq, `signal ${seq} overtakes an older one`);
      const [longest] = run?.inbox?.boxes.get(signal.name)?.tasks ?? [];
      assert.equal(longest, taskId, `${taskId} overtakes who has waited longer`);
    } else {
      assert.equal(signal.to, taskId, `signal ${seq} ends ${taskId}, and was for ${signal.to}`);
      checkAnswer(task, data, JSON.parse(signal.payload) as Json);
    }
    this.#open.delete(seq);
  }
}

/** What a wait ends with is the answer that it got. */
function checkAnswer(
  { id, definition }: TaskState,
  { output, port }: EventOf<'TaskCompleted'>['data'],
  payload: Json,
): void {
  if (definition.approval === undefined) {
    assert.deepEqual(output, payload, `the output of ${id} is its answer`);
    return;
  }
  const { approved, comment, by } = payload as JsonObject;
  const { approved: isApproved, comment: said, by: who } = output as JsonObject;
  assert.deepEqual([isApproved, said, who], [approved, comment, by], `the output of ${id} is its answer`);
  assert.equal(port, approved === true ? 'approved' : 'rejected', `the port of ${id} is its answer`);
}

/** Without a signal a wait ends by its time, and not before that, unless somebody completes it. */
function checkTimedEnd(run: RunState | undefined, { taskId, atMs, data }: EventOf<'TaskCompleted'>): void {
  if (data.reason?.code === 'user') return;
  const waiting = run?.byId.get(taskId)?.waiting;
  if (waiting?.for !== 'wait') return;
  assert.ok((waiting.untilMs ?? Infinity) <= atMs, `${taskId} ends at ${atMs} and waits until ${waiting.untilMs}`);
}

/** Between two decisions nobody waits for a signal that is there. */
function checkBoxes(run: RunState | undefined): void {
  if (run?.inbox === undefined) return;
  for (const [name, { signals, tasks }] of run.inbox.boxes) {
    assert.ok(tasks.size > 0 || signals.length > 0, `the box ${name} is empty`);
    for (const id of tasks) assert.equal(run.byId.get(id)?.status, 'waiting', `${id} is in the box ${name}`);
  }
}
