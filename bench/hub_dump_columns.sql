-- What a Hub-shaped dump says of the models that hub_dump_families.sql made, in the columns of cfahlgren1/hub-stats.
-- The view `dump` is what is to be written.

create temp view dump as
select
    md5(cast(named.number as varchar)) as _id,
    named.id,
    named.author,
    timestamp '2020-01-01' + to_seconds(cast(named.number * (5.5 * 365 * 86400 / getvariable('n_models')) as bigint)) as createdAt,
    timestamp '2020-01-01'
        + to_seconds(cast((named.number + draw(named.number, 'age') * (getvariable('n_models') - named.number))
        * (5.5 * 365 * 86400 / getvariable('n_models')) as bigint)) as lastModified,
    -- Four models in five are hardly loaded; the tail is a power law.
    cast(floor(least(power(1 - draw(named.number, 'downloads'), -1.25) - 1, 5e7)) as bigint) as downloads,
    cast(floor(least(power(1 - draw(named.number, 'downloads'), -1.25) - 1, 5e7)
        * (1 + 9 * draw(named.number, 'years'))) as bigint) as downloadsAllTime,
    cast(floor(least(power(1 - draw(named.number, 'likes'), -0.6) - 1, 2e4)) as bigint) as likes,
    cast(floor(power(draw(named.number, 'trend'), 40) * 50) as bigint) as trendingScore,
    false as private,
    false as disabled,
    case when draw(named.number, 'gated') < 0.03 then 'manual' else 'false' end as gated,
    md5(named.id) as sha,
    pick(named.number, 'task', [
        'text-generation', 'text-generation', 'text-generation', 'text-classification', 'text-to-image',
        'automatic-speech-recognition', 'fill-mask', 'feature-extraction', null, null
    ]) as pipeline_tag,
    pick(named.number, 'library', ['transformers', 'transformers', 'peft', 'diffusers', 'gguf', null]) as library_name,
    list_concat(
        [
            'region:us',
            'safetensors',
            'license:' || pick(named.number, 'license', [
                'apache-2.0', 'apache-2.0', 'mit', 'llama3', 'cc-by-nc-4.0', 'gemma', 'other', 'openrail'
            ]),
            pick(named.number, 'language', ['en', 'en', 'en', 'zh', 'fr', 'de', 'es', 'ja', 'multilingual']),
            'dataset:' || pick(named.number, 'set_owner', ['HuggingFaceH4', 'tatsu-lab', 'Open-Orca', 'own'])
            || '/set-' || cast(floor(power(draw(named.number, 'set'), 4) * 5000) as bigint),
            pick(named.number, 'task', [
                'text-generation', 'text-generation', 'text-generation', 'text-classification', 'text-to-image',
                'automatic-speech-recognition', 'fill-mask', 'feature-extraction', 'custom', 'other'
            ]),
            'arxiv:' || cast(2001 + floor(draw(named.number, 'paper') * 500) as bigint) || '.'
            || lpad(cast(cast(floor(draw(named.number, 'paper2') * 99999) as bigint) as varchar), 5, '0'),
            pick(named.number, 'extra', [
                'lora', 'qlora', 'dpo', 'sft', 'trl', 'mergekit', 'gguf', 'gptq', 'conversational', 'endpoints_compatible'
            ])
        ],
        ['autotrain_compatible', 'text-generation-inference', 'dataset:own/extra']
        [: cast(floor(draw(named.number, 'n_tags') * 4) as integer)],
        coalesce(families.tags, [])
    ) as tags,
    to_json(struct_pack(
        license := pick(named.number, 'license', [
            'apache-2.0', 'apache-2.0', 'mit', 'llama3', 'cc-by-nc-4.0', 'gemma', 'other', 'openrail'
        ]),
        language := [pick(named.number, 'language', ['en', 'en', 'en', 'zh', 'fr', 'de', 'es', 'ja', 'multilingual'])],
        library_name := 'transformers',
        base_model := families.parent_ids,
        widget := [{'text': 'What is the capital of France?', 'example_title': 'A question about ' || named.author}]
    )) as cardData,
    to_json(struct_pack(
        architectures := ['LlamaForCausalLM'],
        model_type := pick(named.number, 'architecture', ['llama', 'llama', 'qwen2', 'mistral', 'gemma2', 'bert', null]),
        tokenizer_config := {'bos_token': '<s>', 'chat_template': repeat('{% if message %}', 12)}
    )) as config,
    case
        when draw(named.number, 'api') < 0.5 and families.parent_ids is not null
            then to_json({'relation': families.relation, 'models': list_transform(families.parent_ids, lambda parent : {'id': parent})})
    end as baseModels,
    case
        when draw(named.number, 'weights') < 0.6
            then to_json({'total': cast(power(10, 7 + 4 * draw(named.number, 'weight')) as bigint)})
    end as safetensors,
    list_transform(
        ['.gitattributes', 'README.md', 'config.json', 'generation_config.json', 'model.safetensors',
         'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json'],
        lambda name : {'rfilename': name}
    ) as siblings,
    cast(power(10, 6 + 4 * draw(named.number, 'bytes')) as bigint) as usedStorage
from named
left join families
    on named.number = families.number;
