{#-
    Sizes, words and marks are read from names as people write them. Candidate parents and suspect full overlaps rely on
    it. When it fails, a pattern in macros/model_names.sql was broken, or an engine reads it otherwise.
-#}
with

named as (
    {% for model_id, params, n_words, is_leaf, is_named_after_owner in [
        ('Qwen/Qwen2.5-0.5B-Instruct', '0.5e9', 4, 'false', 'true'),
        ('bigscience/bloomz-1b7', '1.7e9', 3, 'false', 'false'),
        ('google/gemma-3-270m', '270e6', 3, 'false', 'false'),
        ('Qwen/Qwen3-Horror-262K-ctx-4B', '4e9', 7, 'false', 'true'),
        ('TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF', '1.1e9', 6, 'true', 'false'),
        ('someone/Model-4bit', 'null', 3, 'true', 'false'),
        ('RedHatAI/Model-7B-W8A8', '7e9', 6, 'true', 'false'),
        ('meta-llama/Llama-3.1-8B', '8e9', 3, 'false', 'true'),
        ('mistralai/Mistral-7B-v0.1', '7e9', 4, 'false', 'true'),
        ('abc/abc-1B', '1e9', 2, 'false', 'false'),
        ('gpt2', 'null', 2, 'false', 'false'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ model_id }}' as model_id,
            cast({{ params }} as double) as params,
            {{ n_words }} as n_words,
            {{ is_leaf }} as is_leaf,
            {{ is_named_after_owner }} as is_named_after_owner
    {% endfor %}
),

read_back as (
    select
        *,
        {{ params_from_name('model_id') }} as read_params,
        {{ list_size(name_words('model_id')) }} as read_n_words,
        {{ is_leaf_name('model_id') }} as read_is_leaf,
        {{ is_named_after_owner('model_id') }} as read_is_named_after_owner
    from named
),

wrong as (
    select * from read_back
    where
        coalesce(read_params, -1) != coalesce(params, -1)
        or read_n_words != n_words
        or read_is_leaf != is_leaf
        or read_is_named_after_owner != is_named_after_owner
)

select * from wrong
