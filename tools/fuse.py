#!/usr/bin/env python3
"""Choose which sequences of ops get a handler of their own, from profiles, and write src/exec/fused.rs.

  tools/training/collect PROFILES --workloads ../shared/workloads
  tools/fuse.py [--entries 4400] [--longest 4] [--loop-entries 2000] PROFILES > src/exec/fused.rs
  tools/fuse.py --keep src/exec/fused.rs [--drop 0] [--add 0] [--vectors 0] [--likely 0] PROFILES > NEW
  tools/fuse.py --judge [--entries 500,1000,2000] [--longest 2,3,4] PROFILES

With --judge it writes no list, but says how lists do on programs that they were not made from: the dispatches left,
as a share of those without fused sequences.

A profile is what `wapiti profile --counts` writes: code with execution counts, one `count op form` a line. A sequence
may run through ops that fall through to the next one. The profiles `name@build.prof` of a folder are builds of one
program and share its weight.

What a sequence saves is counted in dispatches; a cell not read or not written counts as the part of one that it costs.
Its score is the sum over all programs of a power of the share saved there, less half the largest summand: what one
program has is no sign of what others have. Its relatives, which differ in signedness or precision, get a part of it.
What linking does with the list (the cheapest way to the end of the function) is what is simulated here: a sequence
counts for what it saves beside the others, and the list is narrowed in rounds.
"""
import argparse, collections, functools, math, multiprocessing, os, re, sys

# Ops after which the next one in the code is never executed, or only after a return.
ENDS = ('Br', 'BrTable', 'Unreachable', 'Interrupt', 'Finish', 'LowerFunc', 'RestoreInstance')
# Ops that the driver executes: a sequence cannot go on behind them, and beginning with one gains nothing.
LEAVES = ('MemoryGrow', 'MemoryInit', 'DataDrop', 'TableGet', 'TableSet', 'TableSize', 'TableGrow', 'TableFill',
          'TableCopy', 'TableInit', 'ElemDrop', 'RefFunc', 'CallImport', 'ReturnCallImport')
# Ops whose handlers contain calls: their cost is not the dispatch.
CALLS_OUT = ('MemoryCopy', 'MemoryFill', 'CopySpan', 'ZeroSpan', 'ReturnSpan', 'ReturnCall', 'ReturnCallIndirect')

# What forms are made of, as in src/exec/form.rs: the result is not stored; operands are in an accumulator, or were
# there before the op before.
SILENT = 1
FROM = {'A': 2, 'B': 4, 'C': 8, 'D': 16}
EARLIER = {'A': 32, 'B': 64, 'C': 128}
ANY_FROM, ANY_EARLIER = sum(FROM.values()), sum(EARLIER.values())
# Of a program, the code that makes up this share of its dispatches is looked at.
COVERED = 0.998
# A candidate saves at least this share of some program's dispatches.
LEAST = 2e-5
# Costs, as in src/exec/choose.rs: of a dispatch, of reading a cell for an accumulator or for what was in one, of a
# store that nobody needs.
DISPATCH, READ, READ_EARLIER, STORE = 8, 10, 8, 2
# What an op on vectors counts at least as, beside the root of its share of what programs execute.
RARE = 0.01
# The longest sequences that profiles are searched for.
LONGEST = 6
# Ops that leave a float in an accumulator, and those that take one from there: any operand of theirs that is no vector, or
# the one at B. The group is the float's width.
MAKES_FLOAT = re.compile(r'F(32|64)(Abs|Neg|Ceil|Floor|Trunc$|Nearest|Sqrt|Add|Sub|Mul|Div|Min|Max|Copysign|Convert'
                         r'|Demote|Promote|Load|ReplaceLane|ExtractLane|x\dExtract)')
TAKES_FLOAT = re.compile(r'(?:BrIf)?F(32|64)(?!Convert|Load|Store|Demote|Promote)'
                         r'|(?:I..Trunc(?:Sat)?|F..Demote|F..Promote)F(32|64)')
STORES_FLOAT = re.compile(r'F(32|64)Store')
# Ops on references.
OBJECT_OP = re.compile(r'Struct|Array|Ref|BrOnCast')


def form_name(form):
    named = [word + ''.join(field for field, flag in fields.items() if form & flag)
             for word, fields in (('From', FROM), ('Earlier', EARLIER)) if form & sum(fields.values())]
    named += ['Silent'] * (form & SILENT)
    return ''.join(named) or 'Base'


def form_of(name):
    form = SILENT * name.endswith('Silent')
    for word, fields in (('From', FROM), ('Earlier', EARLIER)):
        found = re.search(word + '([A-D]+)', name)
        form |= sum(fields[field] for field in found[1]) if found else 0
    return form


class Tail:
    """Tail dispatch: from handler to handler go all accumulators, as the op before has left them."""

    @staticmethod
    @functools.cache
    def alone(entry):
        """The form of an op outside of sequences: one operand at most comes from an accumulator."""
        op, form = entry.split()
        sources = int(form) & ANY_FROM
        return f'{op} {int(form) & SILENT | sources & -sources}'

    @staticmethod
    def row(sequence):
        """The forms in a handler for these ops: what was in accumulators before the op before it does not know."""
        return (without(sequence[0], ANY_EARLIER), *sequence[1:])

    @staticmethod
    def has(sequence):
        return True


class Loop:
    """The match loop: from arm to arm goes the accumulator for integers only, and ops on vectors and on references are
    executed elsewhere."""

    @staticmethod
    @functools.cache
    def alone(entry):
        return Loop.row((Tail.alone(entry),))[0]

    @staticmethod
    def row(sequence):
        row, made, made_before = [], frozenset(), frozenset()
        for entry in Tail.row(sequence):
            op = entry.split()[0]
            row.append(without(entry, unknown(op, made, made_before)))
            made, made_before = made | not_carried(op), made
        return (*row[:-1], without(row[-1], SILENT * bool(not_carried(row[-1].split()[0]))))

    @staticmethod
    def has(sequence):
        return not any(VECTOR_OP.match(entry) or OBJECT_OP.match(entry) for entry in sequence)

    @staticmethod
    def called(sequences):
        """The sequences with ops on vectors, as functions that the loop calls: in what it carries they are like arms."""
        vectors = (row for row in sequences if any(VECTOR_OP.match(entry) for entry in row))
        return list(dict.fromkeys(Loop.row(row) for row in vectors))


@functools.cache
def without(entry, flags):
    op, form = entry.split()
    return f'{op} {int(form) & ~flags}'


@functools.cache
def not_carried(op):
    """What an op leaves in an accumulator that the match loop does not carry: floats of a width, or a vector."""
    if op in VECTOR_RESULTS:
        return frozenset(['vector'])
    found = MAKES_FLOAT.match(op)
    return frozenset(found.groups()[:1]) if found else frozenset()


@functools.cache
def unknown(op, made, made_before):
    """The flags of operands of kinds that the match loop does not carry, and that have not been made in the same handler."""
    takes, stores = TAKES_FLOAT.match(op), STORES_FLOAT.match(op)
    vectors = VECTOR_OPERANDS.get(op, '')
    flags = 0
    for field in 'ABCD':
        if field in vectors:
            kind = 'vector'
        elif stores:
            kind = stores[1] if field == 'B' else None
        else:
            kind = takes and (takes[1] or takes[2])
        if kind and kind not in made:
            flags |= FROM[field]
        if kind and kind not in made_before:
            flags |= EARLIER.get(field, 0)
    return flags


def ends(op):
    return op in ENDS or op in CALLS_OUT or op.startswith(('Return', 'Call'))


def may_be_last(op):
    return op not in LEAVES and op not in CALLS_OUT and op not in ENDS[2:] and op not in ('CallIndirect',)


class Profile:
    """One run of one build: its straight-line code as (ops with forms, counts), and candidates with their shares."""

    def __init__(self, path):
        merged = collections.Counter()
        ops, counts = [], []

        def finish():
            if any(counts):
                merged[tuple(ops)] = [a + b for a, b in zip(merged[tuple(ops)] or [0] * len(counts), counts)]
            ops.clear(), counts.clear()

        with open(path) as lines:
            for line in lines:
                if not line.strip():
                    finish()
                    continue
                count, op, form = line.split()
                ops.append(sys.intern(f'{op} {form}'))
                counts.append(int(count))
                if ends(op) or op in LEAVES:
                    finish()
        finish()
        self.total = sum(map(sum, merged.values())) or 1
        self.runs, covered = [], 0
        for run in sorted(merged.items(), key=lambda run: (-sum(run[1]), run[0])):
            if covered > COVERED * self.total:
                break
            covered += sum(run[1])
            self.runs.append(run)
        self.covered = covered or 1
        self.candidates = {dispatch: self.find(dispatch) for dispatch in (Tail, Loop)}

    def find(self, dispatch):
        found = collections.Counter()
        for ops, counts in self.runs:
            last = [may_be_last(op.split()[0]) for op in ops]
            for i in range(len(ops)):
                least = counts[i]
                for j in range(i + 1, min(len(ops), i + LONGEST)):
                    least = min(least, counts[j])
                    if least == 0:
                        break
                    if last[j]:
                        own = ops[i:j + 1]
                        best = dispatch.row(own)
                        base = tuple(op.split()[0] + ' 0' for op in own)
                        for sequence in {best, base}:
                            found[sequence] += least * max(0, saved(own, sequence, dispatch))
        return {sequence: saving / self.covered for sequence, saving in found.items() if saving > LEAST * self.covered}

    def simulate(self, trie, dispatch=Tail):
        """Dispatches with the chosen sequences, as a share, and what each of them saves."""
        used, total = collections.Counter(), 0
        for ops, counts in self.runs:
            takes = cover(ops, trie, dispatch)
            # Entries into the run: at its start, and wherever an op is executed more often than the one before.
            flow = [0] * (len(ops) + 1)
            before = 0
            for i, row in enumerate(takes):
                flow[i] += max(0, counts[i] - before)
                before = counts[i]
                if flow[i]:
                    total += flow[i]
                    if len(row) > 1:
                        used[row] += flow[i] * max(0, saved(ops[i:i + len(row)], row, dispatch))
                    if i + len(row) < len(ops):
                        flow[i + len(row)] += min(flow[i], counts[i + len(row)])
        return total / self.covered, used


def cover(ops, trie, dispatch=Tail):
    """For every op the sequence that linking takes there: the way to the end is the cheapest."""
    size = len(ops)
    cost = [0] * (size + 1)
    takes = [(op,) for op in ops]
    # Whether what is taken at an op reads a cell that the op before need not have stored.
    reads_cell = [False] * (size + 1)
    for i in range(size - 1, -1, -1):
        alone = dispatch.alone(ops[i])
        best = DISPATCH + weaker(ops[i], alone) + cost[i + 1]
        reads_cell[i] = loses_source(ops[i], alone)
        open_ends = [(trie[name], (name,), cell, stores, weaker(ops[i], name))
                     for name, cell, stores in forms(ops[i], False) if name in trie]
        while open_ends:
            node, row, cell, stores, weakened = open_ends.pop()
            end = i + len(row)
            if None in node and (stores or not reads_cell[end]):
                if DISPATCH + weakened + cost[end] < best:
                    best, takes[i], reads_cell[i] = DISPATCH + weakened + cost[end], row, cell
            if end < size:
                open_ends += [(node[name], row + (name,), cell, stores_next, weakened + weaker(ops[end], name))
                              for name, reads, stores_next in forms(ops[end], True)
                              if name in node and (stores or not reads)]
        cost[i] = best
    return takes


@functools.cache
def forms(entry, knows_earlier):
    """The forms that may stand for an op's own: (op with form, whether it reads a cell in place of an accumulator,
    whether it stores). An op may store although nobody needs to look there, and read what was stored."""
    op, form = entry.split()
    best = int(form) if knows_earlier else int(form) & ~ANY_EARLIER
    names = [f'{op} {form}' for form in range(best, -1, -1) if not form & ~best]
    return [(name, loses_source(entry, name), not int(name.split()[1]) & SILENT) for name in names]


def loses_source(entry, name):
    """Whether a form reads a cell in place of an accumulator."""
    best, form = (int(text.split()[1]) for text in (entry, name))
    return bool(best & ~form & ANY_FROM)


@functools.cache
def weaker(entry, name):
    """What it costs that a form stands for a better one."""
    best, form = int(entry.split()[1]), int(name.split()[1])
    lost = best & ~form
    return (READ * (lost & ANY_FROM).bit_count() + READ_EARLIER * (lost & ANY_EARLIER).bit_count()
            + STORE * (lost & SILENT))


def saved(ops, row, dispatch):
    """What one handler for these ops saves, in dispatches, in place of one for each."""
    alone = sum(weaker(op, dispatch.alone(op)) for op in ops)
    return len(row) - 1 + (alone - sum(map(weaker, ops, row))) / DISPATCH


def trie_of(sequences):
    trie = {}
    for sequence in sequences:
        node = trie
        for op in sequence:
            node = node.setdefault(op, {})
        node[None] = True
    return trie


class Method:
    """How candidates are scored. `power` of their shares; `alone`, what the program that gains most is left out by, so
    that a sequence which one program has counts little; `kin`, what a sequence gets of its relatives' score. The list
    is narrowed in `rounds`, to multiples of the entries."""

    def __init__(self, power=0.5, alone=0.5, rounds=(2, 1), kin=0.1):
        self.power, self.alone, self.rounds, self.kin = power, alone, rounds, kin


def scored(programs, shares, method):
    """Scores of sequences: `shares` gives those of a profile."""
    total, most = collections.Counter(), collections.Counter()
    for profiles in programs:
        own = collections.Counter()
        for profile in profiles:
            for sequence, share in shares(profile):
                own[sequence] += share / len(profiles)
        for sequence, share in own.items():
            value = share ** method.power
            total[sequence] += value
            most[sequence] = max(most[sequence], value)
    return {sequence: value - method.alone * most[sequence] for sequence, value in total.items()}


def scored_beside(programs, sequences, method, dispatch=Tail):
    """Scores by what each of `sequences` saves beside the others."""
    trie = trie_of(sequences)

    def used_in(profile):
        used = profile.simulate(trie, dispatch)[1]
        return [(sequence, saving / profile.covered) for sequence, saving in used.items()]

    return scored(programs, used_in, method)


def choose(programs, entries, longest, method, dispatch=Tail):
    """The best sequences: `programs` are lists of profiles, one a build."""
    def found_in(profile):
        return [(sequence, share) for sequence, share in profile.candidates[dispatch].items()
                if len(sequence) <= longest and dispatch.has(sequence)]

    score = scored(programs, found_in, method)
    for factor in method.rounds:
        score = scored_beside(programs, best(score, int(entries * factor)), method, dispatch)
    if method.kin:
        for sequence, value in list(score.items()):
            for relative in kin(sequence):
                score[relative] = score.get(relative, 0) + method.kin * value
    return best(score, entries)


def best(score, count):
    return sorted(score, key=lambda sequence: (-score[sequence], sequence))[:count]


def op_names():
    """All names that look like ops in the table, so that a relative is known to exist."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src', 'isa')
    return {name for file in ('ops.rs', 'vector_ops.rs')
            for name in re.findall(r'[A-Z][A-Za-z0-9]+', open(os.path.join(folder, file)).read())}


OPS = op_names()
VECTOR_OP = re.compile(r'V128|[IF]\d+x\d')


def vector_sequences(programs, entries, longest, kept):
    """The best sequences with an op on vectors that are not in `kept`: chosen among all, as what they save depends on
    what the others do."""
    chosen = choose(programs, 4 * entries, longest, Method())
    own = [row for row in chosen if row not in kept and any(VECTOR_OP.match(entry) for entry in row)]
    return own[:entries]


def missing_sequences(programs, entries, longest, kept):
    """The sequences that save most beside `kept`."""
    known = set(kept)
    candidates = [row for row in choose(programs, 4 * entries, longest, Method()) if row not in known]
    score = scored_beside(programs, kept + candidates, Method())
    return [row for row in best(score, len(score)) if row not in known][:entries]


def table(file, pattern):
    """What `pattern` finds in a table of src/isa: names with what belongs to them."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src', 'isa', file)
    return dict(re.findall(pattern, open(path).read(), re.M))


def shapes_of(file):
    """The shapes of the ops in this table."""
    return table(file, r'^ +(\w+) +"[^"]+" +(\w+) +\w+ +\[')


def vector_shapes():
    """The shape of every op on vectors that lowering chooses here: those for other processors stay out."""
    return {op: shape for op, shape in shapes_of('vector_ops.rs').items()
            if not op.endswith('Portable') and 'Relaxed' not in op}


def vectors_of_ops():
    """The operands of every op that are vectors, by their fields, and the ops with a vector for their result."""
    fields = table('shape.rs', r'^ +(\w+) \d+ \[(.*)\];')
    shapes = shapes_of('ops.rs') | shapes_of('vector_ops.rs')
    operands = {op: ''.join(re.findall(r'Slot128 ([A-D])', fields[shape])) for op, shape in shapes.items()}
    return operands, {op for op, shape in shapes.items() if 'Dst128 A' in fields[shape]}


VECTOR_OPERANDS, VECTOR_RESULTS = vectors_of_ops()


def lanes(op):
    found = VECTOR_OP.match(op)
    return found and found[0]


def likely_pairs(programs, entries, kept):
    """Pairs with an op on vectors that other programs may have although these do not: such ops are too many for
    every pair to occur in what is profiled. How often shapes follow each other, in which forms, and whether on the
    same lanes, is read off the programs, and so is how often each op occurs; an op that does not occur counts as a
    rare one."""
    shapes, usage, patterns = vector_shapes(), collections.Counter(), collections.Counter()

    def pattern(first, second):
        (a, a_form), (b, b_form) = first.split(), second.split()
        own, other = lanes(a), lanes(b)
        return shapes.get(a, a), a_form, shapes.get(b, b), b_form, own == other, 'V128' in (own, other)

    for profiles in programs:
        ops_here, patterns_here = collections.Counter(), collections.Counter()
        for profile in profiles:
            unit = profile.covered * len(profiles)
            for ops, counts in profile.runs:
                for op, count in zip(ops, counts):
                    ops_here[op.split()[0]] += count / unit
                for pair, count in zip(map(Tail.row, zip(ops, ops[1:])), map(min, counts, counts[1:])):
                    names = [op.split()[0] for op in pair]
                    if count and any(name in shapes for name in names) and may_be_last(names[1]):
                        patterns_here[pattern(*pair)] += count / unit
        usage.update({op: share ** 0.5 / len(programs) for op, share in ops_here.items()})
        patterns.update({key: share ** 0.5 for key, share in patterns_here.items()})
    of_shape = collections.defaultdict(list)
    for op, shape in shapes.items():
        of_shape[shape].append(op)
    score = collections.Counter()
    for key, weight in patterns.items():
        shape, form, next_shape, next_form = key[:4]
        pairs = [(f'{a} {form}', f'{b} {next_form}') for a in of_shape.get(shape, [shape])
                 for b in of_shape.get(next_shape, [next_shape])]
        shares = {pair: math.prod(usage[op.split()[0]] + RARE for op in pair)
                  for pair in pairs if pattern(*pair) == key}
        for pair, share in shares.items():
            score[pair] += weight * share / sum(shares.values())
    return [pair for pair in best(score, len(score)) if pair not in kept][:entries]


def listed(path):
    """The sequences of a list that was written before: those with a handler, and those of the match loop."""
    def rows(text):
        found = (re.findall(r'\((\w+) (\w+)\)', line) for line in text.splitlines())
        return [tuple(f'{op} {form_of(form)}' for op, form in row) for row in found if row]

    handlers, loop = open(path).read().split('macro_rules! for_each_loop_row')
    return rows(handlers), [row for row in rows(loop) if len(row) > 1 and Loop.has(row)]


def kin(sequence):
    """Sequences of ops of the same shapes: one op with the other signedness, or all in the other precision."""
    for i, entry in enumerate(sequence):
        name, form = entry.split()
        for j, letter in enumerate(name):
            if letter in 'SU':
                other = name[:j] + ('U' if letter == 'S' else 'S') + name[j + 1:]
                if other in OPS:
                    yield sequence[:i] + (f'{other} {form}',) + sequence[i + 1:]
    for a, b in (('F32x4', 'F64x2'), ('F64x2', 'F32x4'), ('F32', 'F64'), ('F64', 'F32')):
        if any(a in entry for entry in sequence) and not any(b in entry for entry in sequence):
            other = tuple(entry.replace(a, b) for entry in sequence)
            if all(entry.split()[0] in OPS for entry in other):
                yield other


def load(folder):
    """Programs by name, `folder/program`: the profiles of their builds."""
    paths = sorted(os.path.join(place, file) for place, _, files in os.walk(folder, followlinks=True) for file in files
                   if file.endswith('.prof'))
    programs = collections.defaultdict(list)
    with multiprocessing.Pool() as pool:
        for path, profile in zip(paths, pool.imap(Profile, paths, chunksize=4)):
            if profile.runs:
                programs[os.path.relpath(path, folder)[:-5].split('@')[0]].append(profile)
    return dict(programs)


def measure(job):
    """Dispatches left, geometric means over `judged`, by entries, for a list made from `training`."""
    training, judged, entries, longest, method = job
    chosen = choose([PROGRAMS[name] for name in training], entries, longest, method)
    trie = trie_of(chosen)
    return {name: math.exp(sum(math.log(profile.simulate(trie)[0]) for profile in PROGRAMS[name]) / len(PROGRAMS[name]))
            for name in judged}


def splits():
    """Training and judged programs, by title: nothing is ever judged on what it was trained on."""
    names = sorted(PROGRAMS)
    workloads = [name for name in names if name.startswith('workloads/')]
    corpus = [name for name in names if name not in workloads]
    halves = [workloads[0::2], workloads[1::2]]
    fifths = [names[i::5] for i in range(5)]
    return {
        'corpus -> workloads': [(corpus, workloads)],
        'half the workloads -> other half': [(halves[0], halves[1]), (halves[1], halves[0])],
        'corpus and half -> other half': [(corpus + halves[0], halves[1]), (corpus + halves[1], halves[0])],
        'four fifths of all -> last fifth': [([n for n in names if n not in fifth], fifth) for fifth in fifths],
    }


def judge(entries, longest, methods, titles=None):
    todo = [(title, count, length, label, (training, judged, count, length, method))
            for label, method in methods.items() for length in longest for count in entries
            for title, parts in splits().items() if not titles or title in titles for training, judged in parts]
    results = collections.defaultdict(dict)
    with multiprocessing.Pool() as pool:
        for (title, count, length, label, _), ratios in zip(todo, pool.imap(measure, [job for *_, job in todo])):
            results[label, title, length, count].update(ratios)
    for (label, title, length, count), ratios in results.items():
        mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
        print(f'{label:12s} {title:34s} longest {length} entries {count:5d}  {mean:.3f}', flush=True)
    return results


HEADER = '''//! The sequences of ops that have a handler of their own: data, made by `tools/fuse.py` from profiles.
//!
//! A row is a sequence that falls through from op to op, each in one of the forms that [`super::form`] names.

/// Calls the macro `$expand` with all rows, in the parts that are compiled side by side.
#[rustfmt::skip]
macro_rules! for_each_fused {
    ($expand:ident) => { $expand! {'''
BETWEEN = '''    } };
}
#[cfg(wapiti_tail)]
pub(super) use for_each_fused;

/// Calls the macro `$expand` with `$before`, the rows that the match loop has arms for, and those that it calls functions
/// for, numbered. Numbers below these are those of ops.
#[rustfmt::skip]
macro_rules! for_each_loop_row {
    ($expand:ident $($before:tt)*) => { $expand! { $($before)*'''
FOOTER = '''    } };
}
pub(super) use for_each_loop_row;'''
# Modules of src/exec/dispatch/parts.rs.
PARTS = ['part1', 'part2', 'part3', 'part4', 'part5', 'part6']
# More than there are ops.
FIRST_NUMBER = 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--entries', default='4400')
    parser.add_argument('--longest', default='4')
    parser.add_argument('--judge', action='store_true')
    parser.add_argument('--loop-entries', type=int, default=2000, help='how many the match loop gets')
    parser.add_argument('--keep', metavar='LIST', help='keep the sequences of this list and add others')
    parser.add_argument('--add', type=int, default=0, help='how many sequences to add that save most beside those kept')
    parser.add_argument('--vectors', type=int, default=0, help='how many sequences with ops on vectors to add')
    parser.add_argument('--drop', type=int, default=0, help='without the last so many of its sequences without vectors')
    parser.add_argument('--likely', type=int, default=0,
                        help='how many pairs with ops on vectors to add that are likely elsewhere')
    parser.add_argument('profiles')
    options = parser.parse_args()
    global PROGRAMS
    entries = [int(count) for count in options.entries.split(',')]
    longest = [int(length) for length in options.longest.split(',')]
    PROGRAMS = load(options.profiles)
    print(f'{len(PROGRAMS)} programs, {sum(map(len, PROGRAMS.values()))} profiles', file=sys.stderr)
    if options.judge:
        judge(entries, longest, {'': Method()})
        return
    if options.keep:
        kept, loop = listed(options.keep)
        programs = [PROGRAMS[name] for name in sorted(PROGRAMS)]
        vectors = vector_sequences(programs, options.vectors, longest[0], set(kept))
        likely = likely_pairs(programs, options.likely, set(kept + vectors))
        others = [row for row in kept if not any(VECTOR_OP.match(entry) for entry in row)]
        dropped = set(others[len(others) - options.drop:])
        kept_now = [row for row in kept if row not in dropped]
        added = missing_sequences(programs, options.add, longest[0], kept_now) if options.add else []
        # The match loop has no arms for what is added. That comes first, where no other --drop takes it away.
        last = [row for row in vectors + likely if row not in added]
        write(added + kept_now + last, loop)
        return
    programs = [PROGRAMS[name] for name in sorted(PROGRAMS)]
    rows, loop = (choose(programs, entries[0], longest[0], Method(), dispatch) for dispatch in (Tail, Loop))
    write(rows, loop[:options.loop_entries])


def write(sequences, loop):
    """The list for handlers, and the numbered one for the match loop: its rows, all forms in them, and the rows that it
    calls."""
    forms_in_loop = {entry for entry in (Loop.alone(entry) for sequence in loop for entry in sequence)
                     if not entry.endswith(' 0')}
    print(HEADER)
    part_size = -(-len(sequences) // len(PARTS))
    for number, part in enumerate(PARTS):
        print(f'        {part} {{')
        for sequence in sequences[number * part_size:(number + 1) * part_size]:
            print(f'            {text(sequence)};')
        print('        }')
    print(BETWEEN)
    number = FIRST_NUMBER
    for group, rows in ('arms', [(entry,) for entry in sorted(forms_in_loop)] + loop), ('called', Loop.called(sequences)):
        print(f'        {group} {{')
        for number, sequence in enumerate(rows, number):
            print(f'            {number} {text(sequence)};')
        print('        }')
        number += 1
    print(FOOTER)


def text(sequence):
    row = []
    for entry in sequence:
        op, form = entry.split()
        row.append(f'({op} {form_name(int(form))})')
    return ' '.join(row)


if __name__ == '__main__':
    sys.exit(main())
