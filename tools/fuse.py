#!/usr/bin/env python3
"""Choose which sequences of ops get a handler of their own, from profiles, and write src/exec/fused.rs.

  cargo build --release --features wapiti-cli/profile -p wapiti-cli
  WAPITI_PROFILE=program.prof target/release/wapiti run --dispatch match program.wasm ...
  tools/fuse.py [--entries 1500] [--longest 4] program.prof ... > src/exec/fused.rs
  tools/fuse.py --judge program.prof ...        leaves each program out in turn and counts its dispatches

A profile is a module's code with execution counts, one `count op form` a line. A sequence may run through ops that fall
through to the next one. Programs are weighted by the square root of a sequence's share in each, so that none dominates,
and the code of every program also counts by how often a sequence merely occurs, so that programs outside of the
training set find theirs. What linking does with the list (the fewest dispatches to the end of the function) is what is
simulated here.
"""
import argparse, collections, math, os, sys

# Ops after which the next one in the code is never executed, or only after a return.
ENDS = ('Br', 'BrTable', 'Unreachable', 'Interrupt', 'Finish', 'LowerFunc', 'RestoreInstance')
# Ops that the driver executes: a sequence cannot go on behind them, and beginning with one gains nothing.
LEAVES = ('MemoryGrow', 'MemoryInit', 'DataDrop', 'TableGet', 'TableSet', 'TableSize', 'TableGrow', 'TableFill',
          'TableCopy', 'TableInit', 'ElemDrop', 'RefFunc', 'CallImport', 'ReturnCallImport')
# Ops whose handlers contain calls: their cost is not the dispatch.
CALLS_OUT = ('MemoryCopy', 'MemoryFill', 'CopySpan', 'ZeroSpan', 'ReturnSpan', 'ReturnCall', 'ReturnCallIndirect')

SOURCES = ('0', 'A', 'B', 'C', 'D')


def ends(op):
    return op in ENDS or op in CALLS_OUT or op.startswith(('Return', 'Call'))


def may_be_last(op):
    return op not in LEAVES and op not in CALLS_OUT and op not in ENDS[2:] and op not in ('CallIndirect',)


def read(path):
    """A program: straight-line runs as lists of ((op, form), count)."""
    runs, run = [], []
    for line in open(path):
        if line.strip():
            count, op, form = line.split()
            run.append(((op, int(form)), int(count)))
        if not line.strip() or ends(run[-1][0][0]) or run[-1][0][0] in LEAVES:
            if len(run) > 1:
                runs.append(run)
            run = []
    return runs


def candidates(runs, longest, weight):
    """Saved dispatches by sequence: executions of its rarest op, as a share of the program's."""
    found = collections.Counter()
    for run in runs:
        for i in range(len(run)):
            least = weight(run[i])
            for j in range(i + 1, min(len(run), i + longest)):
                least = min(least, weight(run[j]))
                if least == 0:
                    break
                if may_be_last(run[j][0][0]):
                    found[tuple(op for op, _ in run[i:j + 1])] += least * (j - i)
    return found


def simulate(runs, chosen, longest, weight):
    """Dispatches with the chosen sequences, and how many each sequence saves."""
    used, total = collections.Counter(), 0
    for run in runs:
        cost = [0] * (len(run) + 1)
        take = [1] * len(run)
        for i in range(len(run) - 1, -1, -1):
            cost[i] = 1 + cost[i + 1]
            for n in range(2, min(longest, len(run) - i) + 1):
                if 1 + cost[i + n] < cost[i] and tuple(op for op, _ in run[i:i + n]) in chosen:
                    cost[i], take[i] = 1 + cost[i + n], n
        # Entries into the run: at its start, and wherever an op is executed more often than the one before.
        flow = [0] * (len(run) + 1)
        before = 0
        for i in range(len(run)):
            count = weight(run[i])
            flow[i] += max(0, count - before)
            before = count
            if flow[i]:
                total += flow[i]
                n = take[i]
                if n > 1:
                    used[tuple(op for op, _ in run[i:i + n])] += flow[i] * (n - 1)
                out = min(flow[i], weight(run[i + n])) if i + n < len(run) else 0
                flow[i + n] += out
    return total, used


def dynamic(entry):
    return entry[1]


def static(entry):
    return 1


def choose(programs, entries, longest):
    views = [(runs, weight, share) for runs in programs for weight, share in ((dynamic, 1.0), (static, 0.25))]
    score = collections.Counter()
    for runs, weight, share in views:
        total = sum(weight(entry) for run in runs for entry in run) or 1
        for sequence, saved in candidates(runs, longest, weight).items():
            score[sequence] += share * math.sqrt(saved / total)
    for keep in (entries * 4, entries * 2, entries):
        chosen = {sequence for sequence, _ in score.most_common(keep)}
        used = collections.Counter()
        for runs, weight, share in views:
            total = sum(weight(entry) for run in runs for entry in run) or 1
            for sequence, saved in simulate(runs, chosen, longest, weight)[1].items():
                used[sequence] += share * math.sqrt(saved / total)
        score = used
    return [sequence for sequence, _ in score.most_common(entries)]


def judge(paths, programs, entries, longest):
    ratios = []
    for i, path in enumerate(paths):
        chosen = set(choose(programs[:i] + programs[i + 1:], entries, longest))
        plain = sum(dynamic(entry) for run in programs[i] for entry in run) or 1
        ratio = simulate(programs[i], chosen, longest, dynamic)[0] / plain
        ratios.append(ratio)
        print(f'{os.path.basename(path):32s} {ratio:.3f}', flush=True)
    print(f'{"geomean":32s} {math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}')


HEADER = '''//! The sequences of ops that have a handler of their own: data, made by `tools/fuse.py` from profiles.
//!
//! A row is a sequence that falls through from op to op, each in a form: the operand field that comes from an
//! accumulator (0 for none), and whether the result is stored.

/// Calls the macro `$expand` with all rows.
#[rustfmt::skip]
macro_rules! for_each_fused {
    ($expand:ident) => { $expand! {'''
FOOTER = '''    } };
}
pub(super) use for_each_fused;'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--entries', type=int, default=1500)
    parser.add_argument('--longest', type=int, default=4)
    parser.add_argument('--judge', action='store_true')
    parser.add_argument('profiles', nargs='+')
    options = parser.parse_args()
    programs = [read(path) for path in options.profiles]
    if options.judge:
        return judge(options.profiles, programs, options.entries, options.longest)
    print(HEADER)
    for sequence in choose(programs, options.entries, options.longest):
        forms = ' '.join(f'({op} {SOURCES[form // 2]} {"false" if form % 2 else "true"})' for op, form in sequence)
        print(f'        {forms};')
    print(FOOTER)


if __name__ == '__main__':
    sys.exit(main())
