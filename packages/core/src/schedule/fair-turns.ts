/**
 * Turns that users share, and trees within a user, so that whoever has much to do does not keep others waiting (stride scheduling).
 *
 * 1. Each user, and each tree of a user, has a pass: the turns that it has had, divided by its weight. The smallest pass is next.
 * 2. Who comes, or comes back, begins at the pass that was served last. So nobody saves turns up while there is nothing to do.
 * 3. A turn counts when a task starts. What was popped is out of the heaps until then, so that its pass may change.
 */
import { Heap } from './heap.ts';
import { isBefore, isValid, type InOrder, type Turn } from './turn.ts';

/** Empty members of a share from which on they are removed. */
const EMPTY_KEPT = 64;

/** One who takes turns with others. */
interface Sharer {
  pass: number;
  /** Decides between equal passes: the smaller one goes first. */
  readonly no: number;
  readonly weight: number;
  /** True while it is in the heap, or was popped and comes back. */
  isPresent: boolean;
}

/** The members of one level: users, or the trees of a user. */
class Share<Key, Member extends Sharer> {
  readonly #members = new Map<Key, Member>();
  readonly #next = new Heap<Member>((a, b) => (a.pass === b.pass ? a.no < b.no : a.pass < b.pass));
  #servedPass = 0;

  find(key: Key): Member | undefined {
    return this.#members.get(key);
  }

  add(key: Key, member: Member): Member {
    if (this.#members.size > 2 * this.#next.size + EMPTY_KEPT) this.#forgetEmpty();
    this.#members.set(key, member);
    return member;
  }

  /** Lets a member that has something to do take part. */
  enter(member: Member): void {
    if (member.isPresent) return;
    member.isPresent = true;
    member.pass = Math.max(member.pass, this.#servedPass);
    this.#next.push(member);
  }

  peek(): Member | undefined {
    return this.#next.peek();
  }

  /** Takes the next member out of the heap. `putBack` must follow. */
  take(): Member {
    return this.#next.pop() as Member;
  }

  /** Counts a turn of a member that was taken out. */
  charge(member: Member): void {
    this.#servedPass = Math.max(this.#servedPass, member.pass);
    member.pass += 1 / member.weight;
  }

  putBack(member: Member, hasMore: boolean): void {
    if (hasMore) this.#next.push(member);
    else member.isPresent = false;
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    yield* this.#members.values();
  }

  #forgetEmpty(): void {
    for (const [key, { isPresent }] of this.#members) if (!isPresent) this.#members.delete(key);
  }
}

interface TreeTurns<Queue extends InOrder> extends Sharer {
  readonly turns: Heap<Turn<Queue>>;
}

interface UserTurns<Queue extends InOrder> extends Sharer {
  readonly trees: Share<number, TreeTurns<Queue>>;
}

export class FairTurns<Queue extends InOrder> {
  readonly #users = new Share<string, UserTurns<Queue>>();
  #userNo = 0;
  /** What was popped last, until its turn is over. */
  #served: { readonly user: UserTurns<Queue>; readonly tree: TreeTurns<Queue> } | undefined;

  push(turn: Turn<Queue>): void {
    const { treeNo, userId, weight } = turn.queue.tree;
    const user =
      this.#users.find(userId) ??
      this.#users.add(userId, { pass: 0, no: this.#userNo++, weight, isPresent: false, trees: new Share() });
    const tree =
      user.trees.find(treeNo) ??
      user.trees.add(treeNo, {
        pass: 0,
        no: treeNo,
        weight: 1,
        isPresent: false,
        turns: new Heap<Turn<Queue>>(isBefore),
      });
    tree.turns.push(turn);
    user.trees.enter(tree);
    this.#users.enter(user);
  }

  /** True when there is a valid turn. Removes stale turns that would be next. */
  get hasNext(): boolean {
    this.#putBack();
    for (let user = this.#users.peek(); user !== undefined; user = this.#users.peek()) {
      for (let tree = user.trees.peek(); tree !== undefined; tree = user.trees.peek()) {
        for (let turn = tree.turns.peek(); turn !== undefined; turn = tree.turns.peek()) {
          if (isValid(turn)) return true;
          tree.turns.pop();
        }
        user.trees.putBack(user.trees.take(), false);
      }
      this.#users.putBack(this.#users.take(), false);
    }
    return false;
  }

  pop(): Queue | undefined {
    if (!this.hasNext) return undefined;
    const user = this.#users.take();
    const tree = user.trees.take();
    this.#served = { user, tree };
    return tree.turns.pop()?.queue;
  }

  /** Counts the turn of what was popped last. */
  charge(): void {
    if (this.#served === undefined) return;
    this.#users.charge(this.#served.user);
    this.#served.user.trees.charge(this.#served.tree);
  }

  *[Symbol.iterator](): IterableIterator<Turn<Queue>> {
    for (const { trees } of this.#users) for (const { turns } of trees) yield* turns;
  }

  #putBack(): void {
    if (this.#served === undefined) return;
    const { user, tree } = this.#served;
    this.#served = undefined;
    user.trees.putBack(tree, tree.turns.size > 0);
    this.#users.putBack(user, user.trees.peek() !== undefined);
  }
}
