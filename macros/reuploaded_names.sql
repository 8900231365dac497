{#- Whether the names of two repositories say that they hold one model, uploaded again by somebody else. -#}

{#-
    A hyphenated name without formats, less the words of copies at its end and what parts its words. `copies` is one
    regular expression, the rows of kind copy of the seed quantization_formats joined by |.
-#}
{% macro name_of_contents(plain_name, copies) -%}
    translate({{ modelkin.replace_matches(plain_name, "'(?:[-.](?:' || " ~ copies ~ " || '))+-$'", '-') }}, '-.', '')
{%- endmacro %}


{#-
    Whether `other_id` is named as a re-upload of `model_id`, both in lower case: the same name under another owner, or
    the owner's name put before it (owner_name, owner_-_name). The names come as int_model_formats reads them, so that
    formats and words of copies do not count. A name that many would choose by themselves (checkpoint-1000, my-model)
    says nothing.
-#}
{% macro is_named_as_reupload(model_id, other_id, contents, other_contents) -%}
    {%- set owner = "translate(split_part(" ~ model_id ~ ", '/', 1), '-_. ', '')" -%}
    {%- set common = 'my|the|model|models|test|tests|demo|checkpoint|output|outputs|result|results|final|run|exp' -%}
    {%- set common = common ~ '|experiment|finetuned|finetune|lora|adapter|base|trained|training|new|best|llm|sft|v' -%}
    split_part({{ model_id }}, '/', 1) != split_part({{ other_id }}, '/', 1)
    and length({{ contents }}) >= 5
    and regexp_extract({{ contents }}, '^(?:{{ common }})*[0-9]*$', 0) = ''
    and {{ other_contents }} in ({{ contents }}, concat({{ owner }}, {{ contents }}))
{%- endmacro %}
