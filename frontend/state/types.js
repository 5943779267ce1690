/**
 * What travels between server and page, as types; there is nothing to run here. The server's own description is
 * /api/openapi.json.
 */

/**
 * A value of a hyperparameter; its field in the catalog says which it is.
 * @typedef {string | number | boolean | null | number[] | string[]} Value
 */

/**
 * A hyperparameter: what a person may choose, within which limits.
 * @typedef {object} Field
 * @property {string} name
 * @property {string} type as Python writes it, as in "int | None"
 * @property {boolean} required
 * @property {any} default a Value, or layers
 * @property {number} minimum null where there is none
 * @property {number} maximum
 * @property {(string | number)[]} among the closed list of its values, empty where there is none
 * @property {"linear" | "log"} scale
 * @property {string} unit
 * @property {string} section under which heading it stands; empty for none
 * @property {string} help one sentence
 */

/**
 * Something that can be chosen by its name: a layer, an optimizer, a schedule, a loss or a regularizer.
 * @typedef {object} Owner
 * @property {string} name
 * @property {string} help
 * @property {string} formula
 * @property {string} advice what to try
 * @property {Field[]} fields
 * @property {boolean} [activation] of a layer: whether it is an activation
 * @property {Record<string, number>} [first_rate] of an optimizer: a learning rate that it can begin with, by the kind
 * of task
 * @property {string[]} [kinds] of a loss: what it can be learned with
 */

/**
 * A word of the page, or a picture, explained.
 * @typedef {object} Term
 * @property {string} name
 * @property {string} help one sentence
 * @property {string} formula empty where it has none
 * @property {string} advice what to try
 * @property {boolean} lines whether there are lines of the engine that do it
 */

/**
 * When a run of a task counts as learned, and what is said then.
 * @typedef {object} Goal
 * @property {string} column of the metrics; without test data that of the training data
 * @property {number} reached a share has to be as large, a loss as small
 * @property {number} lost from here on it does not count any more
 * @property {string} learned the sentence, to be filled with {value}, {unseen} and fields of the data
 */

/**
 * One of the owners with the values of its fields.
 * @typedef {{name: string} & Record<string, any>} Choice
 */

/**
 * A layer of a configuration with the values of its fields.
 * @typedef {{layer: string, units?: number, filters?: number, heads?: number} & Record<string, any>} Layer
 */

/**
 * What a run is made from; the page's choice has its speed too.
 * @typedef {object} Configuration
 * @property {string} task
 * @property {Record<string, any>} data
 * @property {Layer[]} network
 * @property {Choice} optimizer
 * @property {Choice} schedule
 * @property {Choice} loss
 * @property {Choice | null} regularizer
 * @property {number} batch_size
 * @property {number} batches_per_step
 * @property {number} steps
 * @property {number} seed
 * @property {number | null} data_seed of the data alone; null where the seed is theirs too
 * @property {number | null} clip_norm
 * @property {number} evaluate_every
 * @property {number} averaging
 * @property {number | null} patience
 */

/** @typedef {Configuration & {speed: number | null}} Chosen */

/**
 * A task in the catalog.
 * @typedef {object} TaskEntry
 * @property {string} name
 * @property {string} title
 * @property {string} help
 * @property {string} formula
 * @property {string} advice
 * @property {string} group
 * @property {string} summary what to notice while it learns
 * @property {Goal} goal
 * @property {"classes" | "numbers"} kind what it has to learn
 * @property {Field[]} fields of its data
 * @property {Partial<Chosen>} defaults
 * @property {Record<string, Partial<Chosen>>} presets
 * @property {Record<string, string>} pictures the view of each picture, the main one first
 * @property {Record<string, "example" | "axes">} takes what the number after a picture's name is, where it takes one
 * @property {boolean} neuron_maps whether one neuron can be asked for alone, finely
 * @property {boolean} seeded whether a seed decides which examples there are, or which of them test
 * @property {boolean} fixed_network
 * @property {boolean} example_history whether its examples are tracked
 * @property {number | null} watching_speed
 */

/**
 * A column of the metrics log, as it declares itself.
 * @typedef {{name: string, title: string, chart: string | null, test: boolean, share: boolean}} MetricsColumn
 */

/** @typedef {"ill" | "caution" | "good"} FindingKind */

/**
 * What helps against what the doctor found: its title says what it does, its changes are merged into the configuration.
 * @typedef {{title: string, changes: Record<string, any>}} Remedy
 */

/**
 * What the doctor found in a run.
 * @typedef {object} Finding
 * @property {string} cause its name in the catalog
 * @property {string} title
 * @property {FindingKind} kind
 * @property {number | null} layer which one of the network, where it is one
 * @property {number} since the step from which on it is so
 * @property {string} sentence with the run's own numbers
 * @property {Record<string, any>} evidence those numbers, by their names
 * @property {Remedy[]} remedies
 * @property {string | null} picture where it is seen: a picture of the task, or a column of the metrics
 */

/** @typedef {{step: number, findings: Finding[]}} FoundAt what was found from a step on, the most causal first */

/**
 * What can be wrong, as the catalog explains it.
 * @typedef {object} Cause
 * @property {string} name
 * @property {string} title
 * @property {string} help what it means
 * @property {string} advice what to try
 * @property {string} source
 * @property {"ill" | "caution" | "good"} kind
 */

/**
 * Everything that can be chosen.
 * @typedef {object} Catalog
 * @property {TaskEntry[]} tasks
 * @property {Owner[]} layers
 * @property {Owner[]} optimizers
 * @property {Owner[]} schedules
 * @property {Owner[]} losses
 * @property {Owner[]} regularizers
 * @property {Omit<Owner, "fields">[]} initializers
 * @property {Term[]} terms the words of the page
 * @property {Term[]} pictures of all tasks
 * @property {Cause[]} causes of what the doctor finds, the most causal first
 * @property {Record<string, string>} advice what to try with a field, by the field's name
 * @property {Field[]} run what belongs to no part
 * @property {string[]} changeable which choices may change while a run trains
 * @property {MetricsColumn[]} columns of the metrics log
 * @property {string} plotly where Plotly is
 * @property {string} version
 * @property {{upload: number, sweep: number, racers: number, runs: number, undo_seconds: number}} limits
 * @property {boolean} view_only
 */

/** @typedef {"optimizer" | "schedule" | "loss" | "regularizer"} Part what of a configuration is chosen by name */
/** @typedef {"optimizers" | "schedules" | "losses" | "regularizers"} PartTable where the catalog lists it */

/** @typedef {import("./constants.js").RunStatus} RunStatus */

/**
 * @typedef {{step: number[], time: (number | null)[]} & Record<string, (number | null)[]>} MetricsColumns rows of the
 * metrics log, column by column
 */
/**
 * @typedef {{since: number, next: number, columns: MetricsColumns}} MetricsRows rows from number `since` on; `next` is
 * the one to go on with
 */
/** @typedef {Record<string, number | null>} MetricsRow */

/**
 * What is done to a network by hand, as the server takes it.
 * @typedef {{do: "set", layer: number, parameter: string, index: number[], value: number}
 *   | {do: "silence", layer: number, unit: number, on: boolean}
 *   | {do: "freeze", layer: number, on: boolean}
 *   | {do: "renew", layer: number}} Edit
 */
/**
 * @typedef {{step: number, optimizer: Choice, steps?: number, choices?: Record<string, any>, edits?: Edit[]}}
 * OptimizerChange what is chosen from a step on, of all that may change, and what was done by hand there
 */

/**
 * A run as the server describes it.
 * @typedef {object} Run
 * @property {string} id
 * @property {string} name
 * @property {string} note
 * @property {string} task
 * @property {RunStatus} status
 * @property {number} revision grows with everything that is said of it
 * @property {number} step
 * @property {number} steps
 * @property {number} epoch
 * @property {number} steps_per_epoch
 * @property {number | null} best_step whose weights count when it has finished, where it was ready to stop early
 * @property {number} waiting its place in the line, 0 where it does not wait
 * @property {string} where the worker that it trains in, "here" where that is the server
 * @property {number | null} speed
 * @property {number} seconds
 * @property {number | null} steps_per_second
 * @property {string | null} error
 * @property {number} created seconds since 1970
 * @property {number | null} best_accuracy
 * @property {MetricsRow | null} metrics the newest row
 * @property {Finding[]} [findings] what the doctor finds in it now, the most causal first
 * @property {Configuration} configuration
 * @property {Choice} optimizer
 * @property {number[]} input_shape
 * @property {{name: string, output_shape: number[], parameters: number}[]} layers
 * @property {number} parameters
 * @property {[number, number]} [examples] how many it learns from, and of the test
 * @property {string[]} [tags]
 * @property {boolean} [imported] whether it trained elsewhere: then it has rows, and no network
 * @property {OptimizerChange[]} changes
 * @property {{run: string, step: number} | null} parent
 * @property {{run: string, cause: string, title: string}} [remedy] what it was repaired from, and how
 * @property {{id: string, kind: GroupKind, paths: string[], place: number, at: any[]} | null} group
 */

/** @typedef {Pick<Run, "id" | "status" | "revision" | "step"> & Partial<Run>} News what is newer about a run */

/** @typedef {"race" | "sweep"} GroupKind */

/**
 * The runs of a race or a sweep.
 * @typedef {object} Group
 * @property {string} id
 * @property {GroupKind} kind
 * @property {string} task
 * @property {string[]} paths what differs
 * @property {number} created
 * @property {GroupRun[]} runs
 * @property {SearchStanding | null} [search] of a sweep that makes its runs by and by
 */

/**
 * One combination of a sweep.
 * @typedef {object} Trial
 * @property {number} number
 * @property {number} bracket
 * @property {any[]} values in the order of the paths
 * @property {(string | null)[]} runs one for each repeat; null is not made yet
 * @property {"waiting" | "training" | "paused" | "out" | "done" | "diverged" | "stopped" | "failed" | "deleted"} status
 * @property {number | null} rung whose score it has
 * @property {number} step
 * @property {number} scored_at after how many steps its score was taken, the most being the best; 0: none yet
 * @property {number | null} score the mean over its repeats
 * @property {number | null} spread
 * @property {(number | null)[]} scores
 * @property {number} diverged how many repeats did
 * @property {string | null} [error] why no run can have this combination
 */

/**
 * @typedef {{path: string, side: "low" | "high", sentence: string}} Edge where the best lies at the end of what was
 * tried
 */

/**
 * How a search stands.
 * @typedef {object} SearchStanding
 * @property {string} how
 * @property {"test_loss" | "test_accuracy" | "loss" | "accuracy"} goal
 * @property {number} repeats
 * @property {"running" | "paused" | "interrupted" | "finished" | "stopped"} status
 * @property {string | null} error
 * @property {number} revision grows with every change
 * @property {number} planned @property {number} ended in combinations
 * @property {number} steps done so far @property {number} grid_steps what all would take to their end
 * @property {{path: string, values: any[] | null, low: number | null, high: number | null}[]} axes values, or a range
 * @property {{steps: number, trials: number}[]} rungs
 * @property {Trial[]} trials
 * @property {number | null} best the number of the best
 * @property {{path: string, share: number}[]} importance
 * @property {{paths: [string, string], share: number}[]} pairs
 * @property {Edge[]} edges
 */

/** @typedef {{how: string, title: string, help: string, available: boolean, install: string | null}} SearchWay */

/** @typedef {Run & {group: NonNullable<Run["group"]>}} GroupRun */

/** @typedef {{low: number, high: number, scale: "linear" | "log", count: number}} AxisRange */

/**
 * @typedef {{path: string, values: any[], range?: AxisRange}} Axis one thing that differs between the runs of a group,
 * with its value in each; where they spread over a range, a search may take others of it
 */

/**
 * What every picture has when it is unpacked; its kind adds fields of its own.
 * @typedef {object} Picture
 * @property {number} id
 * @property {string} run
 * @property {string} name as it was asked for, as in "feature maps/7"
 * @property {string} view
 * @property {number} step
 * @property {Record<string, Uint8Array | Float32Array>} arrays
 * @property {Record<string, number[]>} shapes
 */

/** @typedef {Picture & Record<string, any>} AnyPicture a picture of any kind, for whoever only hands it on */

/**
 * A column of a person's table, and why it cannot be read or learned, where it cannot.
 * @typedef {object} TableColumn
 * @property {string} name
 * @property {"number" | "word"} kind
 * @property {number} missing
 * @property {number} distinct
 * @property {number} mean
 * @property {number} std
 * @property {string} no_feature
 * @property {string} no_class
 * @property {string} no_number
 * @property {string} left_out why it is not read at first
 * @property {number | null} source its place in the file, which the parts of a date share
 * @property {string} part which part of a date it is
 */

/**
 * @typedef {{target: number, features: number[], task: string, missing_cells: string}} ColumnChoice which column is
 * learned, as what, which are read, and what becomes of missing cells
 */

/**
 * How a table was read.
 * @typedef {object} ReadAs
 * @property {string} separator
 * @property {string} decimal
 * @property {string} encoding
 * @property {boolean} header
 * @property {number} skip lines above it that were left out
 * @property {string[]} names of the file's columns
 * @property {string} [format] where it is no text with separators
 * @property {string} [doubt] what else the decimal sign may be, where nothing tells: "comma" or "dot"
 * @property {string} [examples] whether each of the "rows" is an example, or of the "columns"
 * @property {{words: string, choose: Record<string, string>}[]} [offers] other readings that may be meant
 * @property {string} [sheet] which of the sheets of a spreadsheet, or of the tables of a zip
 * @property {string[]} [sheets]
 */

/**
 * A table that a person brought.
 * @typedef {object} Table
 * @property {"table"} kind
 * @property {string} id
 * @property {string} name
 * @property {number} rows
 * @property {TableColumn[]} columns
 * @property {string} separator
 * @property {string[]} notes
 * @property {string[][]} sample its first rows
 * @property {ColumnChoice} suggestion
 * @property {Partial<ReadAs>} read_as
 * @property {{rows: number, columns: number[]}[]} gaps how many rows miss which columns
 * @property {boolean} is_new whether it was not kept before
 * @property {string | null} [file] by what the file that was sent can be read once more, for a while
 */

/**
 * Images that a person brought.
 * @typedef {object} Images
 * @property {"images"} kind
 * @property {string} id
 * @property {string} name
 * @property {number} rows
 * @property {string[]} classes
 * @property {string[]} notes
 * @property {number} side pixels of a side
 * @property {boolean} colour
 * @property {boolean | null} inverted whether dark and light changed places
 * @property {number | null} tests how many are for testing, where their folders say so
 * @property {number | null} level which of the levels are the classes
 * @property {{level: number, names: string[], classes: number, column: string}[]} levels folders and columns that may
 *   be the classes
 * @property {{label: number, image: string}[]} samples some of them
 * @property {string | null} [file] by what the file that was sent can be read once more, for a while
 * @property {{task: string}} suggestion
 */

/** @typedef {Table | Images} Dataset */

/**
 * A dataset in the list of all.
 * @typedef {object} DatasetEntry
 * @property {"table" | "images"} kind
 * @property {string} id
 * @property {string} name
 * @property {number} rows
 * @property {number} bytes
 * @property {number} runs how many were made of it
 * @property {string[]} [classes] of images
 * @property {string} [error] why it cannot be read, where it is damaged
 */

/**
 * @typedef {Record<string, {layer?: Layer, reason?: string}>} Fits for each kind of layer: with which values it fits,
 * or why not
 */

/** @typedef {"ill" | "caution" | "note" | "good"} StatementKind */

/**
 * What came out of an experiment.
 * @typedef {object} Outcome
 * @property {StatementKind} kind
 * @property {string} experiment
 * @property {{kind: StatementKind, sentence: string}[]} statements
 * @property {number} steps that the copy took
 * @property {Record<string, number>} evidence
 * @property {"step" | "learning rate"} across
 * @property {{name: string, x: number[], y: number[]}[]} lines
 * @property {Record<string, number>} marks
 * @property {{layer: number, name: string, spread: number}[]} layers
 * @property {number | null} suggestion
 */

/** @typedef {{available: boolean, state: string, done: number, total: number, error: string | null}} Download */

export {};
