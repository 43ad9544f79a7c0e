#include <fmt/format.h>

#include <algorithm>

#include "core/base/result.h"
#include "core/spec/documents.h"
#include "core/spec/keys.h"
#include "core/spec/references.h"
#include "core/task/variables.h"

namespace foz::spec {

namespace {

constexpr std::string_view k_head = R"(# The workflow file

Written from foz's own table of keys; the reader knows these keys and no others. An editor finds the same in
`templates/schema/workflow.schema.json`. A key marked *not yet* is refused by name.

Scalars stay as they are written: `0.10`, `1e-3` and `010` are the texts you see. Where a number needs a unit it must have one:
`120GiB` (powers of 1024) or `120GB` (powers of 1000), `90s`, `4h`, `1h30m`, `1-12:00:00`. Names of workflows, stages, params, axes,
columns and outputs are letters, digits, `-` and `_`, with a letter or digit first, at most 64 characters.
)";

constexpr std::string_view k_params =
    R"(`NAME: VALUE` is a text with a default. The longer form is a mapping:
)";

constexpr std::string_view k_defaults = R"(## Defaults

What `defaults` says stands below every stage, as if it had been written there:

- `env`, `resources`, `slurm` and `limits` are merged key by key; the stage's own keys win.
- Of keys that exclude each other (`memory_per_node` and `memory_per_cpu`, `cpus_per_rank` and `cpus_per_node`) the stage's own takes
  the place of the default.
- `gpu` counts only for stages with `gpus_per_node`; `gpus_per_node: 0` takes GPUs away again.
- Everything else, lists included, is replaced as a whole: a stage's `setup` is run instead of the default one, and `setup: []` runs nothing.
)";

constexpr std::string_view k_matrix =
    R"(Below `matrix` every key is an axis; the stage has one task for each combination, the last axis changing fastest, and each task finds
its values as `${{ matrix.AXIS }}` and in `FOZ_MATRIX_AXIS`. An axis is

- a list, `[0.1, 0.01]`;
- an inclusive range, `1..10`, `1..10..3` or `10..1..-1`; `001..100` keeps its width;
- rows, a mapping with one of the keys below. Files are read once, when the workflow is planned.

`except: [{lr: 0.1, width: 512}]` leaves combinations out: those that agree with every value of one entry. Columns are named as `sample.id`.
)";

constexpr std::string_view k_needs = R"(| written | the stage's tasks start |
| --- | --- |
| `needs: a` or `{a: success}` | when every task of `a` has succeeded |
| `needs: {a: finished}` | when every task of `a` has ended, however |
| `needs: {a: 95%}` | when every task has ended and at least 95 of 100 have succeeded |
| `needs: {a: each}` | element by element: the stage takes `a`'s matrix, and an element starts when its partner has succeeded |

Stages without a way from one to the other run side by side. Several `each` parents must have the same matrix.
)";

constexpr std::string_view k_references = R"(## References

`${{ PATH }}` is replaced by a value, once; there is no language in it, and what is in a value is never read as a reference or as code. It may
stand in a `run` list, in `with` and `env`; in `workdir` and `outputs`, where only what is known before the job starts may stand; and
in `resources`, `slurm`, `matrix`, `array`, `limits` and `umask`, where only params may. It is refused in shell texts (`run` as a text,
`setup`): take the value into `env` and let the shell read the variable. `$${{` stands for `${{`, and `${{ dollar }}` for a `$` right
before a reference. `needs.STAGE` is a stage that the stage's own `needs` names, not one that only comes before it.
)";

constexpr std::string_view k_outputs = R"(## Outputs

`outputs: {table: data/features.parquet}` names a file or folder that each task must have written when it ends: one that is not there, or
that is the same as before, fails the task. Paths are relative to `workdir`, as they are for the task itself. The folder that an output
lies in is made when the setup is done, the output itself never. Tasks of a matrix need paths of their own, such as
`"models/${{ task.name }}"`. A stage that needs this one finds the path, now absolute, as `${{ needs.STAGE.table }}`.

Two runs of one workflow at the same time write the same files: where that is wanted, `${{ run.id }}` in the paths keeps them apart.
)";

constexpr std::string_view k_environment = R"(## Environment

Commands get the environment that `foz run` was started in, without what Slurm says of other jobs and steps in it; then the site's and the stage's `env`,
what the lines of `setup` leave behind, and foz's own variables. Values of `env` are texts and no shell reads them: `$HOME` and `~` stay
as they are. A warning says so; `${{ dollar }}HOME` is one that is meant. What needs a shell goes into `setup`: `export DATA="$HOME/data"`.
)";

struct FormWords {
  Form form;
  std::string_view words;
};

constexpr FormWords k_form_words[] = {
    {Form::version, "`1`"},
    {Form::name, "name"},
    {Form::text, "text"},
    {Form::line, "text of one line"},
    {Form::words, "text or list"},
    {Form::count, "number from 1"},
    {Form::count_or_zero, "number from 0"},
    {Form::integer, "number"},
    {Form::flag, "`true` or `false`"},
    {Form::duration, "duration"},
    {Form::bytes, "bytes with unit"},
    {Form::nodes, "number or range"},
    {Form::all_word, "`all`"},
    {Form::octal, "octal number"},
    {Form::place, "`ranks`, `first_node` or `every_node`"},
    {Form::type, "`text`, `int`, `number` or `bool`"},
    {Form::texts, "list of texts"},
    {Form::lines, "list of shell lines"},
    {Form::command, "text or list"},
    {Form::with, "mapping"},
    {Form::steps, "list of steps"},
    {Form::params, "mapping of params"},
    {Form::defaults, "mapping"},
    {Form::stages, "mapping of stages"},
    {Form::needs, "name, list or mapping"},
    {Form::matrix, "mapping of axes"},
    {Form::except, "list of mappings"},
    {Form::array, "mapping"},
    {Form::resources, "mapping"},
    {Form::slurm, "mapping"},
    {Form::variables, "mapping"},
    {Form::limits, "mapping"},
    {Form::outputs, "mapping of paths"},
    {Form::later, "*not yet*"},
};

std::string_view form_words(Form form) {
  const auto* const found = std::ranges::find(k_form_words, form, &FormWords::form);
  FOZ_ASSERT(found != std::end(k_form_words));
  return found->words;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

void add_row(std::string& out, const Key& key) {
  out += fmt::format("| `{}` | {} | {} |\n", key.name, form_words(key.form),
                     escaped(is_built(key) ? key.help : key.brings));
}

std::string table_of(Block block) {
  std::string out = "\n| key | takes | what it is |\n| --- | --- | --- |\n";
  for (const Key& key : keys_of(block)) add_row(out, key);
  return out;
}

/// A stage's keys, group by group.
std::string stage_tables() {
  std::string out, group;
  for (const Key& key : keys_of(Block::stage)) {
    if (key.group != group) {
      group = key.group;
      out += fmt::format("\n### {}\n\n| key | takes | what it is |\n| --- | --- | --- |\n", group);
    }
    add_row(out, key);
  }
  return out;
}

std::string defaults_list() {
  std::string out = "\nKeys that can stand there:";
  for (const Key& key : keys_of(Block::stage)) {
    if (key.in_defaults == InDefaults::yes && is_built(key)) out += fmt::format(" `{}`", key.name);
  }
  return out + ".\n";
}

std::string references_table() {
  std::string out = "\n| reference | known | value |\n| --- | --- | --- |\n";
  for (const ReferenceKind& kind : all_references()) {
    out += fmt::format("| `{}` | {} | {} |\n", kind.pattern,
                       kind.known == Known::planning ? "before the job" : "in the job", kind.help);
  }
  return out;
}

std::string variables_table() {
  std::string out = "\n| variable | `setup` too | value |\n| --- | --- | --- |\n";
  for (const task::VariableHelp& one : task::k_variables) {
    const bool is_many = one.name.ends_with('_');
    out += fmt::format("| `{}{}` | {} | {} |\n", one.name, is_many ? "NAME" : "",
                       one.in_setup ? "yes" : "no", one.help);
  }
  return out +
         "\nBeside these a rank sees its own part of the node's GPUs (`CUDA_VISIBLE_DEVICES` and "
         "its "
         "like), `OMP_NUM_THREADS` as the\nnumber of its CPUs where nobody has set it, and what a "
         "plugin sets.\n";
}

}  // namespace

std::string workflow_reference() {
  std::string out(k_head);
  out += "\n## The file\n" + table_of(Block::workflow);
  out += fmt::format("\n## Params\n\n{}", k_params) + table_of(Block::param);
  out += fmt::format("\n{}", k_defaults) + defaults_list();
  out +=
      "\n## Stages\n\nA stage says one of `run`, `uses` and `steps`; a stage with `run` or `uses` "
      "is a stage of one step.\n";
  out += stage_tables();
  out += "\n## Steps\n" + table_of(Block::step);
  out += fmt::format("\n## Needs\n\n{}", k_needs);
  out += fmt::format("\n## Matrix\n\n{}", k_matrix) + table_of(Block::axis);
  out += "\n## Array\n" + table_of(Block::array);
  out += "\n## Resources\n" + table_of(Block::resources);
  out += "\n## Slurm\n" + table_of(Block::slurm);
  out += fmt::format("\n{}", k_outputs);
  out += fmt::format("\n{}", k_environment) + variables_table();
  return out + fmt::format("\n{}", k_references) + references_table();
}

}  // namespace foz::spec
