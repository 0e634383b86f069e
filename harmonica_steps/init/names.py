"""Names by which programs call what is not a hyperparameter, as `plain_name` writes them."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SEEDS = _words(
    "seed random_seed random_state rng_seed manual_seed torch_seed global_seed rng rand_seed"
)

BUDGETS = _words(
    "budget epochs num_epochs n_epochs max_epochs nb_epochs num_train_epochs train_epochs "
    "total_epochs epoch n_epoch num_epoch max_epoch nepochs max_steps num_steps n_steps "
    "train_steps num_train_steps max_train_steps total_steps training_steps steps iterations "
    "num_iterations n_iterations max_iterations max_iters max_iter num_iters n_iters n_iter iters "
    "niter num_iter num_boost_round num_boost_rounds boost_rounds num_rounds n_rounds rounds "
    "total_timesteps timesteps"
)
"""What says how long a training is, the likeliest first."""

WORKDIRS = _words(
    "output_dir out_dir outdir output_folder out_folder output_directory save_dir savedir "
    "save_folder log_dir logdir logs_dir log_folder work_dir workdir working_dir result_dir "
    "results_dir exp_dir experiment_dir run_dir default_root_dir"
)

CHECKPOINTS = _words(
    "checkpoint_dir checkpoints_dir ckpt_dir checkpoint_folder checkpoint_directory"
)

RESULTS = _words(
    "result results result_file results_file result_path results_path metrics metrics_file "
    "metrics_path metrics_out result_json results_json output_json json_out"
)

CONFIGS = _words(
    "config cfg conf configuration config_file config_path cfg_file settings settings_file params "
    "params_file param_file hparams hparams_file hyperparameters parameters config_json"
)

_REASONS = {
    "where it runs": "device devices gpu gpus cuda mps tpu cpu cpus worker workers thread threads "
    "jobs njobs nproc nprocs rank world port host distributed dist ddp backend master pin prefetch "
    "accel accelerator accelerators amp fp16 bf16 tf32 compile precision nodes deterministic",
    "what it writes": "verbose verbosity quiet silent debug log logs logging logger print save "
    "interval freq frequency every wandb mlflow tensorboard comet neptune plot plots progress tqdm "
    "notes tag tags project entity version profile checkpoint checkpoints ckpt cache overwrite "
    "force dry visualize visualise export show report out output outputs",
    "what is measured": "test eval evaluate validation val valid dev split fold folds cv holdout "
    "predict inference",
    "what it reads": "dataset datasets download resume",
}
REASONS = {word: reason for reason, words in _REASONS.items() for word in _words(words)}
"""Why a setting with this word in its name is not searched."""

GROUPS_SEARCHED = frozenset({"dataset", "datasets"})
"""Words that say nothing about the settings of a group with that name."""
