{#-
    What models are joined by where all of a Hub takes part: 128 bits of the id in lower case. Joining numbers
    takes a third of the time of joining texts, and the hash is the same in every run and needs no table to look it
    up. Marts carry ids; a hash never leaves the intermediate models. See docs/adr/0005-models-joined-by-hash.md.
-#}
{% macro model_hash(model_id) -%}
    {{ return(adapter.dispatch('model_hash', 'modelkin')(model_id)) }}
{%- endmacro %}

{% macro duckdb__model_hash(model_id) -%}
    md5_number(lower({{ model_id }}))
{%- endmacro %}

{% macro spark__model_hash(model_id) -%}
    unhex(md5(lower({{ model_id }})))
{%- endmacro %}
