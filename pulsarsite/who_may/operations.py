"""Which right each operation of the API takes; a new one stands here, too."""

from collections.abc import Mapping

_SHOWROOM = {
    "showroom.view_batch": "list_batches get_batch list_deleted_batches "
    "list_batch_files cancel_batch resume_batch publish_batch blind_batch "
    "unblind_batch delete_batch restore_batch remove_batch compare_batches "
    "list_differing_rows download_differing_rows list_rows get_row get_histogram "
    "get_space get_storage list_rejects get_reject download_rejects "
    "get_row_picture get_row_figures get_reject_picture get_reject_figures "
    "download_scores list_downloads get_download fetch_download cancel_download "
    "list_candidates get_shortlist export_candidates list_predictions "
    "get_prediction",
    "showroom.add_prediction": "predict_with_production predict_with_staging "
    "predict_with_run list_cases classify_case get_case_picture",
    "showroom.add_verdict": "add_correction send_expected give_verdict undo_verdict "
    "redo_verdict import_verdicts list_next_to_judge",
    "showroom.view_verdict": "list_corrections list_prediction_corrections "
    "list_verdicts get_verdicts_summary get_row_verdicts export_classification",
    "showroom.add_batch": "upload_batch upload_candidates classify_batch_again",
}
_REGISTRY = {
    "registry.view_version": "list_models get_model list_versions get_version get_card "
    "get_card_as_text get_curves get_version_file find_version list_pushes get_push "
    "list_aliases get_alias list_moves list_comparisons get_comparison "
    "get_model_health compare_versions",
    "registry.add_push": "push_version cancel_push",
    "registry.change_alias": "move_alias roll_back get_prospect approve_retraining "
    "decline_retraining",
    "registry.add_comparison": "ask_comparison cancel_comparison",
    "registry.view_dataset": "list_datasets get_dataset get_dataset_summary "
    "get_dataset_file list_builds "
    "get_build get_build_rejects "
    "list_exports get_export get_export_file",
    "registry.add_dataset": "import_dataset freeze_dataset preview_freeze "
    "note_dataset cancel_build "
    "export_labels cancel_export",
    "registry.view_trainingrun": "list_trainings get_trainings_csv get_training "
    "get_training_log list_training_files get_training_file list_experiments "
    "compare_trainings chart_trainings",
    "registry.add_trainingrun": "start_training repeat_training open_experiment",
    "registry.change_trainingrun": "edit_training cancel_training resume_training",
    "registry.view_trigger": "list_triggers get_trigger list_decisions "
    "list_retrainings get_retraining",
    "registry.add_trigger": "make_trigger",
    "registry.change_trigger": "change_trigger switch_trigger press_trigger "
    "remove_trigger restore_trigger",
    "registry.view_sentinel": "list_sentinels",
    "registry.add_sentinel": "bring_sentinels choose_sentinels",
    "registry.change_sentinel": "remove_sentinel restore_sentinel",
    "registry.view_label": "list_labels get_label withdraw_label restore_label "
    "list_new_labels",
    "registry.add_label": "import_labels",
}
_DISPATCH = {
    "dispatch.view_schedule": """
        list_schedules get_schedule list_removed_schedules list_slots
        list_runs get_run get_run_log
    """,
    "dispatch.add_run": """
        start_run cancel_run retry_run list_connections test_connection
    """,
    "dispatch.add_schedule": "create_schedule preview_cron",
    "dispatch.change_schedule": """
        change_schedule mend_schedule test_schedule rewind_schedule undo_rewind
    """,
    "dispatch.delete_schedule": "remove_schedule restore_schedule",
    "monitor.add_switch": "pause_schedule resume_schedule skip_slot unskip_slot",
}
_MONITOR = {
    "monitor.view_check": """
        get_overview list_checks get_check look_at_all look_at_check list_jobs get_job
        list_alerts get_alert list_rules get_rule list_channels get_channel
        list_deliveries list_figures get_figure get_report get_crontab
    """,
    "monitor.view_event": "list_events get_events_csv get_events_jsonl",
    "monitor.add_switch": """
        pause_job resume_job skip_job unskip_job mend_job mend_crontab
    """,
    "monitor.add_start": "start_job",
    "monitor.change_alert": "acknowledge_alert close_alert deliver_again",
    "monitor.add_rule": "create_rule",
    "monitor.change_rule": "change_rule switch_rule",
    "monitor.delete_rule": "remove_rule",
    "monitor.add_channel": "create_channel",
    "monitor.change_channel": "change_channel send_test",
    "monitor.delete_channel": "remove_channel",
}


def _by_operation(*apps: Mapping[str, str]) -> dict[str, str]:
    return {
        name: right
        for app in apps
        for right, names in app.items()
        for name in names.split()
    }


OPERATIONS = _by_operation(_SHOWROOM, _REGISTRY, _DISPATCH, _MONITOR)
