-- The raw tables as the first version of Modelkin made them, with a row or two in each.
create schema raw;
create table raw.extract_runs (
    run_id varchar, source varchar, endpoint varchar, params json, started_at timestamp, finished_at
    timestamp, status varchar, row_count bigint, error varchar, code_version varchar, library_versions json
);
create table raw.hub_models (
    run_id varchar, observed_at timestamp, model_id varchar, author varchar, sha varchar, created_at
    timestamp, last_modified timestamp, downloads bigint, downloads_all_time bigint, likes bigint,
    trending_score double, pipeline_tag varchar, library_name varchar, gated varchar, private boolean,
    disabled boolean, tags varchar[], base_models struct(relation varchar, id varchar)[], card_data json,
    config json, architecture varchar, parameter_count bigint, storage_bytes bigint, siblings varchar[]
);
create table raw.hub_model_cards (
    run_id varchar, model_id varchar, sha varchar, body varchar, fetched_at timestamp
);
create table raw.hub_edges (
    run_id varchar, source_model_id varchar, target_model_id varchar, relation varchar
);
create table raw.overlap_prompts (
    run_id varchar, prompt_set_id varchar, base_model_id varchar, base_sha varchar, prompt_index integer, text
    varchar, token_ids integer[], seed bigint, recipe json
);
create table raw.fingerprints (
    run_id varchar, model_id varchar, sha varchar, prompt_set_id varchar, prompt_index integer, vocab_size
    bigint, tokenizer_hash varchar, dtype varchar, bottom_k integer[], status varchar, failure_reason varchar,
    failure_detail varchar
);
create table raw.overlap_results (
    run_id varchar, study_id varchar, base_model_id varchar, derived_model_id varchar, base_downloads bigint,
    derived_downloads bigint, declared_relation varchar, bottom_k integer, pair_scores double[],
    avg_overlap_ratio double, status varchar
);
insert into raw.extract_runs values
    ('run-1', 'hub', 'https://hub.example', '{"base_models": ["o/base"]}', timestamp '2025-01-02 10:00:00',
     timestamp '2025-01-02 10:05:00', 'complete', 3, null, '0.0.1', '{}'),
    ('run-2', 'overlap', 'https://hub.example', '{}', timestamp '2025-01-02 11:00:00',
     timestamp '2025-01-02 11:05:00', 'complete', 4, null, '0.0.1', '{}'),
    ('run-3', 'hub', 'https://hub.example', '{}', timestamp '2025-01-03 10:00:00', null, 'running', null, null, '0.0.1', '{}');
insert into raw.hub_models by name
    select
        'run-1' as run_id, timestamp '2025-01-02 10:00:00' as observed_at, unnest(['o/base', 'o/child']) as model_id,
        'o' as author, repeat('a', 40) as sha, 100 as downloads, 3 as likes, unnest([[], ['base_model:o/base']]) as tags;
insert into raw.hub_edges values ('run-1', 'o/base', 'o/child', 'finetune');
insert into raw.overlap_prompts values
    ('run-2', 'o/base@aaaaaaaa-1', 'o/base', repeat('a', 40), 0, 'a text', [1, 2, 3], 0,
     '{"base_model_id": "o/base", "base_sha": "aaaaaaaa", "study_id": "hub", "bottom_k": 3, "prompt_count": 1, "seed": 0,
       "dtype": "auto", "random_tokens": 8, "prompt_tokens": 64, "unlikely_tokens": 50}');
insert into raw.fingerprints values
    ('run-2', 'o/base', repeat('a', 40), 'o/base@aaaaaaaa-1', 0, 100, 'hash', 'float32', [1, 2, 3], 'ok', null, null),
    ('run-2', 'o/child', repeat('a', 40), 'o/base@aaaaaaaa-1', null, null, null, null, null, 'failed', 'network', 'gone');
insert into raw.overlap_results values
    ('run-2', 'a-study', 'o/base', 'o/child', 100, 100, 'same', 100, [0.5, 0.7], 0.6, 'ok');
