"""Citizens' data stores: whose paper is whose, its versions, who may see it; found again, moved on, told downstream."""
